from qalqan.cases.reports import ReportIn
from qalqan.simulate.reports import false_report, report_body


def test_every_victims_report_is_one_the_centre_can_read(town, world):
    for claim in town.plan.claims:
        body = ReportIn.model_validate(report_body(world, claim))
        assert body.amount == claim.amount
        assert (body.payee_account is not None) == claim.names_payee
        assert body.crime_us <= body.discovered_us <= body.reported_us


def test_the_false_report_tells_of_a_payment_that_never_was(town, world):
    claim = town.plan.claims[3]
    body = ReportIn.model_validate(false_report(world, claim, claim.reported_us))
    account = world.account_number(body.payer_account)
    assert account == claim.payer
    amounts = {entry.amount for entry in world.entries_of(account, town.end_us)}
    assert body.amount not in amounts
