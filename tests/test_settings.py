"""Settings: defaults run on a laptop, wrong values are named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qalqan.errors import InputRejected
from qalqan.settings import Settings, settings
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.refusal import refusal


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in ("HOME", "REGISTER", "LAKE", "ENGINE", "HOST", "PORT", "PUBLIC_URL", "LANGUAGE"):
        monkeypatch.delenv(f"QALQAN_{name}", raising=False)
    for name in ("LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


def test_everything_lies_in_the_home(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("QALQAN_HOME", str(tmp_path))
    where = settings()
    assert where.register_url == f"sqlite:///{tmp_path / 'register.db'}"
    assert where.lake_root == str(tmp_path / "lake")
    assert where.keys_file == tmp_path / "keys.json"
    assert (where.address, where.engine, where.language) == (
        "http://127.0.0.1:8017",
        "duckdb",
        "en",
    )


def test_parts_may_live_elsewhere(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("QALQAN_REGISTER", "postgresql+psycopg://centre@db/qalqan")
    environment.setenv("QALQAN_LAKE", "s3://lake")
    environment.setenv("QALQAN_PUBLIC_URL", "https://centre.example")
    where = Settings()
    assert where.register_url == "postgresql+psycopg://centre@db/qalqan"
    assert (where.lake_root, where.address) == ("s3://lake", "https://centre.example")


@pytest.mark.parametrize(
    ("locale", "language"),
    [("kk_KZ.UTF-8", "kk"), ("ru_KZ.UTF-8", "ru"), ("de_DE", "en"), ("C", "en")],
)
def test_the_terminals_language_is_ours_if_we_speak_it(
    environment: pytest.MonkeyPatch, locale: str, language: str
) -> None:
    environment.setenv("LANG", locale)
    assert settings().language == language


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "0"), ("PORT", "65536"), ("PORT", "http"), ("ENGINE", "abacus"), ("LANGUAGE", "de")],
)
def test_a_wrong_value_is_named_in_every_language(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(f"QALQAN_{name}", value)
    with pytest.raises(InputRejected) as caught:
        settings()
    assert caught.value.field == f"QALQAN_{name}"
    assert len({refusal(caught.value, language) for language in LANGUAGES}) == len(LANGUAGES)


_SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAKE", "s3:/bucket/centre"), ("LAKE", "s3:bucket"), ("LAKE", "s3a://bucket/x"),
        ("LAKE", "gs://bucket/x"), ("LAKE", f"s3://key:{_SECRET}@host/bucket"),
        ("LAKE", "s3://bucket//twice"), ("LAKE", "https://store.example/bucket"),
        ("REGISTER", "register.db"), ("REGISTER", "sqlite://"), ("REGISTER", "sqlite:///"),
        ("REGISTER", "sqlite://register.db"), ("REGISTER", "mysql://u@h/db"),
        ("REGISTER", f"postgresql+asyncpg://u:{_SECRET}@h/db"),
        ("REGISTER", f"postgresql+psycopg://u:{_SECRET}@h:54x2/db"),
        ("REGISTER", f"postgresql://u:{_SECRET}@h"), ("REGISTER", f"postgres://u:{_SECRET}@h/db"),
    ],
)  # fmt: skip
def test_a_malformed_address_is_refused_before_anything_is_taken(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(f"QALQAN_{name}", value)
    with pytest.raises(InputRejected) as caught:
        settings()
    assert caught.value.field == f"QALQAN_{name}"
    told = {refusal(caught.value, language) for language in LANGUAGES}
    assert len(told) == len(LANGUAGES)
    assert _SECRET not in "".join(told)
    assert all("s3://" in one or "postgresql+psycopg://" in one for one in told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAKE", "/srv/lake"), ("LAKE", "lake"), ("LAKE", "a b/көл"), ("LAKE", "s3://bucket"),
        ("LAKE", "s3://bucket/centre/lake/"), ("REGISTER", "sqlite:///register.db"),
        ("REGISTER", "sqlite:////srv/q/register.db"),
        ("REGISTER", "postgresql://centre:p#s/s?@db.example:5432/qalqan?sslmode=require"),
        ("REGISTER", "postgresql+psycopg://centre@[::1]:5432/qalqan"),
        ("REGISTER", "postgresql:///qalqan?host=/var/run/postgresql"),
    ],
)  # fmt: skip
def test_an_address_that_can_be_taken_is(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(f"QALQAN_{name}", value)
    assert value in (settings().lake_root, settings().register_url)


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_a_blank_secret_is_none(environment: pytest.MonkeyPatch, blank: str) -> None:
    names = [
        name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)
    ]
    assert {"sms_secret", "metrics_token", "smtp_password", "sms_password"} <= set(names)
    for name in names:
        environment.setenv(f"QALQAN_{name.upper()}", blank)
    found = settings()
    assert [name for name in names if getattr(found, name) is not None] == []


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
