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


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
