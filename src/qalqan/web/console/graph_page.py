"""The graph of a case: a picture that unfolds, and the table that tells the same (REQ-39, 92)."""

from __future__ import annotations

from collections import defaultdict

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from qalqan.web.access import ThePageOfficer, database_of, language_of
from qalqan.web.console.case_head import head_of
from qalqan.web.console.graph_view import MOST, Graph, as_json, graph_of, unfolded
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of

router = APIRouter(include_in_schema=False)


@router.get("/cases/{case_id}/graph")
def show(request: Request, officer: ThePageOfficer, case_id: str) -> Response:
    """Picture and table."""
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        head = head_of(session, reader, officer, case_id, "entities")
        graph = graph_of(session, reader, officer, case_id)
    return page(
        request, "graph.html", officer, reader=reader, head=head, graph=graph,
        ties=_ties(graph), most=MOST,
    )  # fmt: skip


@router.get("/cases/{case_id}/graph.json")
def data(request: Request, officer: ThePageOfficer, case_id: str, of: str = "") -> JSONResponse:
    """The graph, or what unfolding the node `of` adds to it."""
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        if not of:
            return JSONResponse(as_json(graph_of(session, reader, officer, case_id)))
        found = unfolded(session, reader, officer, case_id, of)
    added = len(found.nodes) - 1
    key = "console.graph.unfolded" if added else "console.graph.nothing"
    told = reader.say(key, n=added) if added else reader.say(key)
    return JSONResponse({**as_json(found), "told": told})


def _ties(graph: Graph) -> dict[str, list[tuple[str, str]]]:
    """Node → what it is tied to, and why."""
    ties: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for edge in graph.edges:
        ties[edge.source].append((graph.nodes[edge.target].label, edge.why))
        ties[edge.target].append((graph.nodes[edge.source].label, edge.why))
    return ties
