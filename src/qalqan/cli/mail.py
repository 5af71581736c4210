"""`qalqan mail`: answers that came by e-mail (REQ-19)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from qalqan.cli.home import Home, open_home
from qalqan.cli.out import answer, failing_clearly, language
from qalqan.cli.people import AsJson
from qalqan.text.failure import failure

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Answers that came by e-mail (REQ-19).",
)


@app.callback()
def about() -> None:
    """Keep `take` a command of its own."""


@app.command("take")
def take(
    files: Annotated[list[Path], typer.Argument(help="Messages as files (.eml).")],
    as_json: AsJson = False,
) -> None:
    """Take the answers of messages that a partner's key signed; again changes nothing."""
    from qalqan.cases import by_mail

    with failing_clearly(as_json):
        home, told = open_home(), {"taken": 0, "refused": 0}
        lines: dict[str, Any] = {}
        for file in files:
            for one in by_mail.take(home.database, home.keys, file.read_bytes(), _own(home)):
                told["refused" if one.error else "taken"] += 1
                lines[one.order] = failure(one.error, language()) if one.error else one.state
        answer({**told, "orders": lines} if as_json else {**told, **lines}, as_json)


def _own(home: Home) -> tuple[Any, Any]:
    """The certificate that partners encrypt to, and its key; none if there is none."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    here = home.settings
    if here.mail_certificate is None or here.mail_key is None:
        return None, None
    certificate = x509.load_pem_x509_certificate(here.mail_certificate.read_bytes())
    return certificate, load_pem_private_key(here.mail_key.read_bytes(), None)
