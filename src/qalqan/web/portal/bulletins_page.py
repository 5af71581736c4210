"""Published bulletins for everybody: in three languages, as page, PDF, DOCX and text (REQ-74)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response

from qalqan.bulletin import desk, shown
from qalqan.bulletin.documents.compose import INSIDE
from qalqan.bulletin.documents.write import MEDIA, WRITERS, file_name, write
from qalqan.cases.codes import regions
from qalqan.errors import NotFound
from qalqan.model.period import parse
from qalqan.register import orm
from qalqan.text.catalogue import LANGUAGES, say
from qalqan.web.access import database_of, language_of
from qalqan.web.console.pages import ENDONYMS, page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.web.guard import DOCUMENT_POLICY
from qalqan.web.portal.shelf import Shelf

router = APIRouter(include_in_schema=False)

Number = Annotated[str, Path(max_length=20, pattern=r"^B-\d\d-\d{6}$")]
Language = Annotated[str, Path(pattern="^(kk|ru|en)$")]
Form = Annotated[str, Path(pattern="^(html|pdf|docx|txt)$")]
_LONG = {"Cache-Control": "public, max-age=300"}
_SHELF = Shelf()


@router.get("/bulletins")
def show(request: Request) -> HTMLResponse:
    """What is out, and what was and is withdrawn."""
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        rows = [_line(row, reader) for row in desk.published(session)]
    return page(
        request, "bulletins.html", reader=reader, rows=rows, tongues=ENDONYMS, forms=tuple(WRITERS)
    )


@router.get("/bulletins/{bulletin}/{language}.{form}")
def fetch(request: Request, bulletin: Number, language: Language, form: Form) -> Response:
    """One published bulletin in one language and form. 404: it is not out, withdrawn, or not for
    everybody."""
    with database_of(request).session() as session:
        row = desk.one(session, bulletin)
        if row.state != "published" or row.kind in INSIDE:
            raise NotFound("bulletin", bulletin)
        body = desk.body_of(row)
    key = row.digest, language, form
    made = _SHELF.get(key, lambda: write(body, language, form, row.state))
    return served(made, file_name(body, language, form), form)


def served(made: bytes, name: str, form: str, cached: bool = True) -> Response:
    """A document: a page is shown, everything else is saved under its name."""
    headers = dict(_LONG) if cached else {"Cache-Control": "no-store"}
    if form == "html":
        headers["Content-Security-Policy"] = DOCUMENT_POLICY
    else:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(made, media_type=MEDIA[form], headers=headers)


def title_of(row: orm.Bulletin, language: str) -> str:
    """Kind, region and period in words."""
    kind = say(f"bulletin.kind.{row.kind}", language)
    region = [regions()[row.region][language]] if row.region else []
    return " · ".join([kind, *region, shown.period(parse(row.period), language)])


def _line(row: orm.Bulletin, reader: Reader) -> dict[str, object]:
    return {
        "id": row.id, "title": title_of(row, reader.language), "is_out": row.state == "published",
        "out": reader.when(row.published_us or 0), "why": row.withdrawn_why,
        "withdrawn": reader.when(row.withdrawn_us) if row.withdrawn_us else "",
        "simulated": row.simulated, "languages": LANGUAGES,
    }  # fmt: skip
