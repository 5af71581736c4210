"""A bank without programmers: its clerk fills in the centre's workbook (REQ-19).

At his hours he opens the workbook and puts every new order onto the pile; whenever something on
the pile is due he looks into the bank's books, fills in the rows that still wait for an answer,
and hands the workbook in. He knows an order only from what its row says.
"""

from __future__ import annotations

from qalqan.simulate import agenda, desk
from qalqan.simulate.banks import Bank
from qalqan.simulate.centre import Centre
from qalqan.simulate.world import World

LANGUAGE = "kk"


async def work_through(world: World, bank: Bank, centre: Centre, now_us: int) -> int:
    """Take new orders, answer what is due; returns how many answers were handed in.

    Raises:
        Unavailable: the centre does not answer, or refused a row.
    """
    from qalqan.exchange import order_sheet  # the other banks start without it

    waiting = order_sheet.asked(await centre.sheet(LANGUAGE), bank.partner, now_us)
    if agenda.is_clerks_hour(now_us):
        for order in waiting:
            desk.take_order(world, bank, order, desk.answer_time(bank, order.order, now_us))
    desk.answer_due(world, bank, now_us)
    given = {answer.order: answer for answer in desk.unsent(world, bank)}
    answers = [given[order.order] for order in waiting if order.order in given]
    if answers:
        await centre.answer_sheet(order_sheet.write(waiting, LANGUAGE, answers))
    for number in given:  # what is no longer on the sheet waits for no answer
        desk.mark_sent(world, number)
    return len(answers)
