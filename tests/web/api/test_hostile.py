"""Whatever JSON comes, each POST answers something below 500 in the agreed shape."""

from __future__ import annotations

import json
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qalqan.cases.reports import ReportIn
from qalqan.exchange.order_message import Answer, PaymentLine, StatementBody
from qalqan.lake.schemas import SCHEMAS
from qalqan.model.order import Outcome
from qalqan.web.api.officers import Decision, SignIn

TEXT = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["KZT", "kk", "211:V1", "O-26-000001", "both", "\x00", "\ud800", "٣", "-0"]),
)
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), TEXT,
    st.floats(), st.just(1_767_200_000_000_000),
)  # fmt: skip
ANY = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def object_of(names, more=None):
    """An object that has some of the fields it should have, mostly with nonsense in them."""
    fields = {name: ANY for name in names} | (more or {})
    return st.fixed_dictionaries({}, optional=fields) | st.dictionaries(
        st.sampled_from([*names, "x"]), ANY, max_size=5
    )


def fields(model):
    return list(model.model_fields)


LINE = object_of(fields(PaymentLine))
ANSWER = object_of(
    fields(Answer),
    {
        "order": st.sampled_from(["O-26-000001", "O-26-000009"]) | TEXT,
        "outcome": st.sampled_from([*Outcome]) | ANY,
        "payment": LINE,
        "statement": object_of(fields(StatementBody), {"lines": st.lists(LINE, max_size=3)}),
        "forwarded": st.lists(LINE, max_size=2) | ANY,
    },
)
REPORT = object_of(fields(ReportIn))
DECISION = object_of(fields(Decision))
SIGN_IN = object_of(fields(SignIn))


def facts_of(kind):
    fact = object_of([column.name for column in SCHEMAS[kind].given])
    return st.fixed_dictionaries({"facts": st.lists(fact | ANY, max_size=4)}) | ANY


FUZZ = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


NUMBERS = count()


def told(web, path, who, body):
    """Send what JSON can carry, a lone surrogate and NaN too."""
    answer = web.post(
        path,
        who,
        content=json.dumps(body),
        headers={"Content-Type": "application/json", "Idempotency-Key": f"k-{next(NUMBERS)}"},
    )
    assert answer.status_code < 500, answer.text
    assert isinstance(answer.json(), dict)
    if answer.status_code >= 400:
        assert answer.json()["error"]["message"]


TELLERS = {
    "payment": "altyn", "statement": "altyn", "session": "altyn", "loan": "altyn",
    "call": "dala", "subscription": "dala", "sighting": "watch",
}  # fmt: skip


@pytest.mark.parametrize("kind", TELLERS)
def test_facts(web, kind):
    @FUZZ
    @given(facts_of(kind))
    def hold(body):
        told(web, f"/v1/facts/{kind}", TELLERS[kind], body)

    hold()


def test_reports(web):
    @FUZZ
    @given(REPORT | ANY)
    def hold(body):
        told(web, "/v1/reports", "hotline", body)

    hold()


def test_almost_right_reports(web):
    @FUZZ
    @given(st.sampled_from(fields(ReportIn)), ANY)
    def hold(name, value):
        told(web, "/v1/reports", "hotline", web.victim() | {name: value})

    hold()


def test_answers(web):
    order = web.asked().order

    @FUZZ
    @given(ANSWER | ANY)
    def hold(body):
        told(web, f"/v1/orders/{order}/answers", "altyn", body)

    hold()


def test_almost_right_answers(web):
    message = web.asked()

    @FUZZ
    @given(st.sampled_from(fields(PaymentLine)), ANY)
    def hold(name, value):
        body = web.confirmed(message)
        body["payment"][name] = value
        told(web, f"/v1/orders/{message.order}/answers", "altyn", body)

    hold()


def test_decisions_and_sign_ins(web):
    web.sign_in("asel")

    @FUZZ
    @given(DECISION | ANY)
    def decide(body):
        told(web, "/v1/orders/O-26-000001/approvals", "asel", body)

    @settings(FUZZ, max_examples=12)
    @given(SIGN_IN | ANY)
    def sign_in(body):
        told(web, "/v1/sign-in", None, body)

    decide()
    sign_in()


def test_addresses(web):
    @FUZZ
    @given(st.text(max_size=20), st.text(max_size=20))
    def hold(path, query):
        for prefix in ("/v1/", "/v1/orders/", "/v1/facts/", "/static/", "/"):
            answer = web.http.get(
                prefix + path.encode("utf-8", "replace").hex("%").upper().join(("%41", "")),
                params={"after": query.encode("utf-8", "replace").decode()},
                follow_redirects=False,
            )
            assert answer.status_code < 500

    hold()
