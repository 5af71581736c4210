"""Settings from the environment, `QALQAN_…`; every one has a default that runs on a laptop."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from qalqan.errors import InputRejected

Language = Literal["kk", "ru", "en"]

BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._=-]+)*/?", re.ASCII)
"""The address of a lake in a bucket."""
MARK = "simulated.json"
"""A demo leaves this file in its home: such a home may be replaced by the next demo, and every page
says that all of it is invented."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.ASCII | re.IGNORECASE)
_REGISTER = re.compile(
    r"sqlite(\+pysqlite)?:///.*[^/]"
    r"|postgresql(\+psycopg)?://(.*@)?(\[[0-9a-f:]+\]|[^@/?:]*)(:\d{1,5})?/[^/?]+(\?.*)?",
    re.ASCII,
)


def lake_address(told: str) -> str:
    """A folder, or a bucket; what only looks like an address is no folder that anyone meant.
    Raises `ValueError`."""
    if _SCHEME.match(told) and not BUCKET.fullmatch(told):
        raise PydanticCustomError("setting.lake", "neither a folder nor a bucket")
    return told


def _register(told: str) -> str:
    """`sqlite:///file` or `postgresql+psycopg://…/database`, as far as its parts can be told."""
    if not _REGISTER.fullmatch(told):
        raise PydanticCustomError("setting.register", "neither a SQLite file nor PostgreSQL")
    return told


def _secret(told: SecretStr | None) -> SecretStr | None:
    """A variable that stands there empty, as in many a compose file, is no secret: whoever shows
    nothing would know it."""
    return told if told is not None and told.get_secret_value().strip() else None


Secret = Annotated[SecretStr | None, AfterValidator(_secret)]
"""A secret that is shown or compared; none if it is blank."""


class Settings(BaseSettings):
    """Where state lives and which engines run it."""

    model_config = SettingsConfigDict(
        env_prefix="QALQAN_", extra="ignore", use_attribute_docstrings=True
    )

    home: Path = Path("var")
    """All state of a demo or one unit: keys, register, lake, files."""
    register_address: Annotated[str, AfterValidator(_register)] | None = Field(
        default=None, validation_alias="QALQAN_REGISTER"
    )
    """SQLAlchemy address of the register; default: SQLite in `home`."""
    lake: Annotated[str, AfterValidator(lake_address)] | None = None
    """Folder of the lake, or `s3://bucket/prefix`; default: `home`/lake."""
    engine: Literal["duckdb", "spark"] = "duckdb"
    """What runs detectors and trails: `duckdb` in the process, or `spark` (an extra)."""
    spark_master: str = "local[2]"
    """`local[n]`, `spark://host:port` or `sc://host:port` (Connect)."""
    detect_days: int = Field(default=1, ge=1)
    """Every how many days the worker runs all detectors, at night."""
    lake_grace_hours: int = Field(default=24, ge=1)
    """How long files that the lake names no more stay, for questions that still read them."""
    fold_days: int = Field(default=7, ge=1)
    """After how many days the identities of a POST's facts move from the register to the lake."""
    screen_shards: int = Field(default=1, ge=1, le=64)
    """Owners of the screens' state on this machine, each for a share of the accounts."""
    host: str = "127.0.0.1"
    """Address on which `serve` answers."""
    port: int = Field(default=8017, ge=1, le=65535)
    """Its port."""
    public_url: str | None = None
    """How partners reach this centre; default http://host:port."""
    log: Literal["json", "text"] = "text"
    """Shape of the log lines of `serve` and `work` on stderr: `json` or `text`."""
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    """From `info` on, every request and every job has its line."""
    least_free_mb: int = Field(default=1_000, ge=0)
    """Free disk below which `/ready` says no, megabytes."""
    second_factor: Literal["required", "offered"] | None = None
    """Whether officers must set up a second factor: `required` or `offered`; default: required,
    but in a demo's home."""
    metrics_token: Secret = None
    """Whoever bears it may read `/metrics`; without one, this machine alone."""
    work_metrics_port: int | None = Field(default=None, ge=1, le=65535)
    """Loopback port on which a worker tells its counters, for a machine without a web server."""
    smtp: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+:[0-9]{1,5}$")] | None = None
    """Mail server, `host:port`, for partners who work by mail or whose API is down."""
    smtp_tls: bool = True
    """Whether it has to offer STARTTLS."""
    smtp_user: str | None = None
    """Who signs in there, if anybody does."""
    smtp_password: Secret = None
    """His password."""
    mail_from: str | None = None
    """The centre's address."""
    mail_after_minutes: int = Field(default=15, ge=1)
    """After how long a partner whose API takes nothing gets its orders by mail."""
    mail_certificate: Path | None = None
    """PEM file: partners encrypt their answers to it."""
    mail_key: Path | None = None
    """PEM file of its private key."""
    sms: Literal["kannel", "json", "smpp"] | None = None
    """How short messages go out: `kannel` or `json` over HTTP, `smpp`; default: not at all."""
    sms_url: Annotated[str, Field(pattern=r"^https?://[^\s@]+$")] | None = None
    """Address of the HTTP gateway; credentials stand beside it, not in it."""
    sms_smpp: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+:[0-9]{1,5}$")] | None = None
    """Message centre for SMPP, `host:port`."""
    sms_tls: bool = True
    """Whether SMPP goes through TLS."""
    sms_user: str | None = None
    """Who signs in at the gateway."""
    sms_password: Secret = None
    """His password, or the bearer token of a JSON gateway."""
    sms_from: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,15}$")] = "Qalqan"
    """Whom messages come from, as agreed with the operators."""
    sms_secret: Secret = None
    """What a gateway shows when it brings replies; without one, none are taken over HTTP."""
    certificate_header: str | None = None
    """Header in which a proxy passes on a partner's certificate: PEM with % escapes."""
    proxies: str = "127.0.0.1/32 ::1/128"
    """Networks from which that header is believed."""
    language: Language = Field(default_factory=lambda: spoken_here())
    """Language of the command line and of documents when nobody asks for another."""

    @property
    def register_url(self) -> str:
        return self.register_address or f"sqlite:///{self.home.absolute() / 'register.db'}"

    @property
    def lake_root(self) -> str:
        return self.lake or str(self.home.absolute() / "lake")

    @property
    def keys_file(self) -> Path:
        return self.home / "keys.json"

    @property
    def is_simulated(self) -> bool:
        """Whether a demo made the home: everything in it is invented."""
        return (self.home / MARK).exists()

    @property
    def wants_second_factor(self) -> bool:
        """Whether an officer without a second factor can do nothing but set one up."""
        if self.second_factor is None:
            return not self.is_simulated
        return self.second_factor == "required"

    @property
    def address(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"


def spoken_here() -> Language:
    """The terminal's language if it is one of ours; English where it names none of them."""
    asked = os.environ.get("QALQAN_LANGUAGE")
    locale = asked or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "kk" if locale.startswith("kk") else "ru" if locale.startswith("ru") else "en"


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        InputRejected: a variable has a value that can't be taken.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise _refused(error) from None


def _refused(error: ValidationError) -> InputRejected:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]).upper().removeprefix("QALQAN_")
    if first["type"] == "literal_error":
        choices = str(first["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        return InputRejected(f"QALQAN_{name}", first["input"], "one_of", choices=choices)
    if first["type"].startswith("setting."):
        return InputRejected(f"QALQAN_{name}", _kind(first["input"]), first["type"])
    expected = "setting.port" if name == "PORT" else "setting.value"
    return InputRejected(f"QALQAN_{name}", first["input"], expected)


def _kind(address: Any) -> str:
    """Of an address that can't be taken, what may be shown: a password may stand in it."""
    found = _SCHEME.match(str(address))
    return found[0].rstrip(":").lower() if found else "…"
