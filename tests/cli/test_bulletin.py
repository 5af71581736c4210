"""`qalqan bulletin`: a period that none can be made of."""


def test_a_period_that_has_not_begun_is_named(qalqan, tmp_path):
    assert qalqan("init").code == 0
    told = qalqan("bulletin", "--period", "2099-01", "--out", tmp_path / "b.pdf")
    assert (told.code, told.out) == (2, "")
    assert "period: 2099-01 — expected a period that has begun" in told.err
    assert not (tmp_path / "b.pdf").exists()
