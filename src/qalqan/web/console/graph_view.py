"""The ties of a case as a graph of at most three hundred nodes, laid out by the way of the money
(REQ-39, 92).

Left to right: the case, its reports and what they name, then the accounts by the number of the
transfer that reached them, then where money left. The same nodes always stand in the same places.
What does not fit is counted: those through which most money went come first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import seen, trails
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.trail import Document
from qalqan.trail.policy import default
from qalqan.web.console.entity_view import EntityView, views
from qalqan.web.console.reader import Reader

MOST = 300
UNFOLDED = 60
"""Nodes that unfolding one adds at most."""
_COLUMN, _ROW = 210, 58


@dataclass(frozen=True)
class Node:
    """One node; `id` names nothing personal."""

    id: str
    kind: str
    label: str
    about: str
    href: str
    column: int
    weight: int = 0
    """Money through it, minor units."""
    x: int = 0
    y: int = 0


@dataclass(frozen=True)
class Edge:
    """A tie and why it is there."""

    source: str
    target: str
    why: str
    kind: str


@dataclass
class Graph:
    """Nodes and ties as they are gathered."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    left_out: int = 0

    def add(self, node: Node) -> None:
        """Add a node, unless it is there or there is no room."""
        if node.id in self.nodes:
            return
        if len(self.nodes) >= MOST:
            self.left_out += 1
        else:
            self.nodes[node.id] = node

    def tie(self, source: str, target: str, why: str, kind: str) -> None:
        """Tie two nodes that are there."""
        if source in self.nodes and target in self.nodes and source != target:
            self.edges.append(Edge(source, target, why, kind))


def graph_of(session: Session, reader: Reader, officer: SignedIn, case_id: str) -> Graph:
    """The graph of a case.

    Raises:
        NotFound, NotAllowed: as `rights.check_case`.
    """
    rights.check_case(session, officer, Right.CASES, case_id)
    graph, here = Graph(), f"case:{case_id}"
    found = {view.entity.subject: view for view in views(session, reader, case_id)}
    documents = trails.newest(session, case_id)
    graph.add(_case_node(reader, case_id, 0))
    _reports(session, reader, graph, case_id, found)
    _accounts(reader, graph, case_id, documents, found)
    for view in found.values():
        node = _entity_node(reader, view, case_id, 2 if view.entity.source == "victim" else 1)
        graph.add(node)
        if not _is_tied(graph, node.id):
            graph.tie(here, node.id, reader.say("console.graph.why.case"), "in")
        _drop(reader, graph, view)
    return _laid_out(graph)


def unfolded(session: Session, reader: Reader, officer: SignedIn, case_id: str, node: str) -> Graph:
    """What unfolding a node adds: the other cases in view that have an identifier, or what
    another case shares and has.

    Raises:
        NotFound, NotAllowed: as `seen.seen_in` and `rights.check_case`.
    """
    graph, (kind, _, name) = Graph(), node.partition(":")
    why = reader.say("console.graph.why.case")
    if kind == "case":
        rights.check_case(session, officer, Right.CASES, name)
        graph.add(_case_node(reader, name, 0))
        for view in views(session, reader, name)[:UNFOLDED]:
            graph.add(_entity_node(reader, view, name, 1))
            graph.tie(node, f"id:{view.mark}", why, "in")
        return _laid_out(graph)
    found = seen.seen_in(session, officer, case_id, name)
    (view,) = [each for each in views(session, reader, case_id) if each.mark == name]
    graph.add(_entity_node(reader, view, case_id, 0))
    for number, _, _ in found.cases[:UNFOLDED]:
        graph.add(_case_node(reader, number, 1))
        graph.tie(f"case:{number}", node, why, "in")
    graph.left_out = max(0, len(found.cases) - UNFOLDED) + sum(n for _, n in found.hidden)
    return _laid_out(graph)


def as_json(graph: Graph) -> dict[str, Any]:
    """Nodes and ties for the script."""
    return {
        "nodes": [vars(node) for node in graph.nodes.values()],
        "edges": [vars(edge) for edge in graph.edges],
        "left_out": graph.left_out,
    }


def _case_node(reader: Reader, case_id: str, column: int) -> Node:
    about = reader.say("console.graph.kind.case")
    return Node(f"case:{case_id}", "case", case_id, about, f"/cases/{case_id}", column)


def _entity_node(reader: Reader, view: EntityView, case_id: str, column: int) -> Node:
    kind, source = view.entity.kind, view.entity.source
    about = " · ".join(
        part
        for part in (
            reader.say(f"console.entities.kind.{kind}"),
            view.bank,
            reader.say(f"console.entities.source.{source}"),
        )
        if part
    )
    label = view.shown or reader.say("console.entities.in_vault")
    href = f"/cases/{case_id}/entities/{view.mark}"
    return Node(f"id:{view.mark}", kind, label, about, href, column)


def _reports(
    session: Session, reader: Reader, graph: Graph, case_id: str, found: dict[str, EntityView]
) -> None:
    of = select(orm.Report).where(orm.Report.case_id == case_id).order_by(orm.Report.id)
    about = reader.say("console.graph.kind.report")
    for report in session.scalars(of):
        node = Node(f"report:{report.id}", "report", report.id, about, f"/cases/{case_id}", 1)
        graph.add(node)
        graph.tie(f"case:{case_id}", node.id, about, "in")
        named = reader.say("console.graph.why.report")
        for subject in (report.victim, report.payer_account, report.payee_account):
            if (view := found.get(subject or "")) is not None:
                column = 3 if subject == report.payee_account else 2
                graph.add(_entity_node(reader, view, case_id, column))
                graph.tie(node.id, f"id:{view.mark}", named, "told")


def _accounts(
    reader: Reader,
    graph: Graph,
    case_id: str,
    documents: Sequence[Document],
    found: dict[str, EntityView],
) -> None:
    rule = default().rule
    for document in documents:
        currency = str(document["currency"])
        nodes = sorted(document["nodes"], key=lambda n: (-_received(n, rule), n["account"]))
        for node in nodes:
            if (view := found.get(node["account"])) is not None:
                made = _entity_node(reader, view, case_id, node["hop"] + 2)
                graph.nodes.pop(made.id, None)
                hop = reader.say("console.graph.hop", n=node["hop"])
                about = f"{made.about} · {hop}"
                graph.add(replace(made, about=about, weight=_received(node, rule)))
        _legs(reader, graph, document, found, currency, rule)


def _legs(
    reader: Reader,
    graph: Graph,
    document: Document,
    found: dict[str, EntityView],
    currency: str,
    rule: str,
) -> None:
    deepest = max((node["hop"] for node in document["nodes"]), default=0) + 3
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for claim in document["claims"]:
        payer, payee = found.get(claim["payer"]), found.get(claim["payee"])
        if payer is not None and payee is not None:
            sums[f"id:{payer.mark}", f"id:{payee.mark}"] += claim["amount"]
    for leg in document["legs"]:
        payer, payee = found.get(leg["payer"]), found.get(leg["payee"] or "")
        to = f"id:{payee.mark}" if payee is not None else f"exit:{leg['exit']}"
        if leg["exit"] and payee is None:
            label = reader.say(f"ladder.state.{leg['exit']}")
            about = reader.say("console.graph.kind.exit")
            graph.add(Node(to, "exit", label, about, "", deepest))
        if payer is not None:
            sums[f"id:{payer.mark}", to] += sum(leg["units"].get(rule, {}).values())
    for (source, target), units in sorted(sums.items()):
        if units:
            amount = reader.money(units, currency)
            graph.tie(source, target, reader.say("console.graph.why.money", amount=amount), "money")


def _received(node: Document, rule: str) -> int:
    return sum(node["received"].get(rule, {}).values())


def _drop(reader: Reader, graph: Graph, view: EntityView) -> None:
    if view.drop is None or f"id:{view.mark}" not in graph.nodes:
        return
    about = reader.say("console.graph.kind.drop")
    column = graph.nodes[f"id:{view.mark}"].column
    graph.add(Node(f"drop:{view.drop}", "drop", view.drop, about, f"/drops/{view.drop}", column))
    why = reader.say("console.graph.why.drop")
    graph.tie(f"id:{view.mark}", f"drop:{view.drop}", why, "drop")


def _is_tied(graph: Graph, node: str) -> bool:
    return any(node in (edge.source, edge.target) for edge in graph.edges)


def _laid_out(graph: Graph) -> Graph:
    """Places: a column each step of the way, most money first, and around the middle line."""
    columns: defaultdict[int, list[Node]] = defaultdict(list)
    for node in graph.nodes.values():
        columns[node.column].append(node)
    placed = {}
    for column, nodes in columns.items():
        nodes.sort(key=lambda node: (-node.weight, node.kind, node.label, node.id))
        for row, node in enumerate(nodes):
            y = row * _ROW - (len(nodes) - 1) * _ROW // 2
            placed[node.id] = replace(node, x=column * _COLUMN, y=y)
    graph.nodes = {node: placed[node] for node in _order(placed.values())}
    return graph


def _order(nodes: Iterable[Node]) -> list[str]:
    return [node.id for node in sorted(nodes, key=lambda node: (node.column, node.y, node.id))]
