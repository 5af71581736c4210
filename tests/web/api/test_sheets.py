"""Orders and answers as workbooks: each row is taken or refused by itself (REQ-19)."""

from __future__ import annotations

import pytest

from qalqan.exchange import order_sheet
from qalqan.exchange.order_message import Answer
from qalqan.exchange.order_sheet.columns import heading
from qalqan.model.order import State
from qalqan.register.orm import Order

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def fetched(web, language="en"):
    answer = web.get("/v1/orders.xlsx", "altyn", language=language)
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    assert answer.headers["cache-control"] == "no-store"
    return answer.content


def filled(web, answers, language="en"):
    """The centre's own workbook with the clerk's answers in it."""
    messages = order_sheet.asked(fetched(web, language), "altyn", web.clock.now_us())
    given = [Answer.model_validate(one) for one in answers]
    return order_sheet.write(messages, language, given)


def send(web, content, who="altyn", kind=XLSX, **more):
    return web.post("/v1/answers", who, content=content, headers={"Content-Type": kind}, **more)


def csv_of(order, outcome):
    """A csv file with one answer under the centre's own headings."""
    heads = ",".join(heading(name, "en") for name in ("order", "outcome"))
    return f"{heads}\n{order},{outcome}\n".encode()


def state(web, order):
    with web.database.session() as session:
        return session.get_one(Order, order).state


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_workbook_goes_out_and_comes_back_in_each_language(web, language):
    message = web.asked()
    answer = send(web, filled(web, [web.confirmed(message)], language))
    assert answer.status_code == 200
    assert answer.json()["taken"] == 1
    assert answer.json()["answers"][0]["order"] == message.order
    assert state(web, message.order) == State.CLOSED
    again = send(web, filled(web, []))
    assert (again.status_code, again.json()["taken"]) == (200, 0)


def test_the_same_workbook_again_changes_nothing(web):
    book = filled(web, [web.confirmed(web.asked())])
    first, again = send(web, book), send(web, book)
    assert (again.status_code, again.json()) == (200, first.json())


def test_all_pages_of_orders_are_in_the_workbook(web):
    for number in range(3):
        web.report(f"r-{number}")
    asked = {message.order for message in web.signed("altyn")}
    messages = order_sheet.asked(fetched(web), "altyn", web.clock.now_us())
    assert {message.order for message in messages} == asked
    assert not order_sheet.read(web.get("/v1/orders.xlsx", "baiterek").content).answers


def test_a_bad_row_does_not_keep_a_good_one_from_counting(web):
    web.report("a")
    web.report("b")
    one, other = web.signed("altyn")
    other_sum = web.confirmed(other)
    other_sum["payment"] = web.payment("p-9", amount=7)
    answer = send(web, filled(web, [web.confirmed(one), other_sum]))
    assert answer.status_code == 207
    assert (answer.json()["taken"], answer.json()["refused"]) == (1, 1)
    (bad,) = [each for each in answer.json()["answers"] if "error" in each]
    assert (bad["order"], bad["error"]["code"]) == (other.order, "rejected")
    assert state(web, one.order) == State.CLOSED
    assert state(web, other.order) != State.CLOSED


def test_a_cell_that_cannot_be_read_is_named_by_its_place(web):
    order = web.asked().order
    answer = send(web, csv_of(order, "perhaps"), kind="text/csv", language="ru")
    assert answer.status_code == 422
    assert answer.json()["taken"] == 0
    (refused,) = answer.json()["refusals"]
    assert refused["order"] == order
    assert refused["place"]
    assert "ожидалось" in refused["error"]["message"]
    assert answer.json()["error"] == refused["error"]


def test_a_csv_file_answers_too(web):
    order = web.asked().order
    answer = send(web, csv_of(order, "not_found"), kind="text/csv")
    assert answer.status_code == 200, answer.text
    assert state(web, order) == State.CLOSED


def test_another_partners_order_in_a_workbook(web):
    message = web.asked()
    book = filled(web, [web.confirmed(message)])
    answer = send(web, book, "baiterek")
    assert answer.status_code == 422
    assert answer.json()["answers"][0]["error"]["code"] == "not_found"
    assert state(web, message.order) != State.CLOSED


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"PK\x03\x04nonsense", XLSX, 422),
        (b"", XLSX, 422),
        (b"", "text/csv", 422),
        (b"\x00\x01\x02", "text/csv", 422),
        (b"a,b\n1,2\n", "text/csv", 422),
        (b"{}", "application/json", 415),
        (b"x", "", 415),
    ],
)
def test_what_is_no_table_of_answers(web, content, kind, status):
    answer = send(web, content, kind=kind)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_a_workbook_too_large(web):
    assert send(web, b"x" * (32 * 2**20 + 1)).status_code == 413
