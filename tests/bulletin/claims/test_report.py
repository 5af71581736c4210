"""Whole texts: our paraphrases of the briefing, clean bulletins, and bulletins with one error."""

import tomllib
from pathlib import Path

import pytest

from qalqan.bulletin.claims import check
from qalqan.bulletin.claims.checks import KINDS
from qalqan.model.figure import Figure, Source
from qalqan.model.period import parse
from qalqan.text.catalogue import has

HERE = Path(__file__).parent
LANGUAGES = ("kk", "ru", "en")
PROSE = tomllib.loads((HERE / "prose.toml").read_text(encoding="utf-8"))["pairs"]
APRIL = tomllib.loads((HERE / "april.toml").read_text(encoding="utf-8"))
UNDATED = {"period.none", "period.open"}
"""A single sentence has no title that would date it."""

STATED = Figure(
    "internet_fraud.solved",
    parse("2023"),
    3800,
    "crimes",
    exactness="over",
    source=Source("prosecutor_2023"),
)
# The defects of REQ-2 to 5, 8, 39, 41, 46 and 79 to 87, and how often each is said.
EXPECTED = {
    "series.times_unless": "REQ-2",
    "series.every": "REQ-3",
    "share.wrong": "REQ-4",
    "base.share": "REQ-5",
    "superlative.larger": "REQ-8",
    "remainder.of_bound": "REQ-39",
    "share.rest": "REQ-41",
    "mean.span": "REQ-46",
    "series.missing": "REQ-79",
    "series.label": "REQ-79",
    "copy.elsewhere": "REQ-81",
    "period.year_to_date": "REQ-82",
    "definitions.differ": "REQ-83",
    "period.open": "REQ-84",
    "base.damage": "REQ-84",
    "cause.displaced": "REQ-85",
    "letters.alike": "REQ-86",
    "letters.leftover": "REQ-86",
    "letters.twice": "REQ-86",
    "period.none": "REQ-86a",
    "known.differs": "REQ-87",
}


def text(name):
    return (HERE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_defect_of_the_briefing_is_found(language):
    problems = check(text(f"briefing_{language}.txt"), known=[STATED]).problems
    found = {problem.code for problem in problems}
    slips = {"letters.slip"} if language == "kk" else set()
    assert found == set(EXPECTED) | slips
    for code, req in EXPECTED.items():
        assert req in KINDS[code].req, code


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_reckoned_stands_in_the_sentence(language):
    said = " ".join(p.said("en") for p in check(text(f"briefing_{language}.txt")).problems)
    for number in (
        "9.99",
        "10.6",
        "-3.9 %",
        "49.3 %",
        "88.6 %",
        "35 days",
        "22.9 %",
        "13\u00a0973",
        "17\u00a0177",
    ):
        assert number in said, number


@pytest.mark.parametrize("name", ["clean", "april"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clean_bulletin_is_left_alone(name, language):
    report = check(text(f"{name}_{language}.txt"))
    assert report.problems == ()
    assert set(report.languages) == {language}
    assert len(report.claims) >= 20


@pytest.mark.parametrize(("right", "wrong"), PROSE)
def test_one_wrong_number_in_free_prose_is_found(right, wrong):
    assert {p.code for p in check(right).problems} <= UNDATED
    assert {p.code for p in check(wrong).problems} - UNDATED


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [(lang, a, b) for lang, pairs in APRIL.items() for a, b in pairs],
)
def test_one_change_in_a_bulletin_is_found_where_it_was_made(language, before, after):
    clean = text(f"april_{language}.txt")
    changed = clean.replace(before, after, 1)
    lines = zip(clean.split("\n"), changed.split("\n"), strict=True)
    line = next(at for at, (one, other) in enumerate(lines) if one != other)
    assert {p.paragraph for p in check(changed).problems} == {line}


def test_places_are_those_of_the_given_text():
    given = "Доля соста\u00adвила 50\u00a0% (21\u00a0637 из 43\u00a0895)."
    (problem,) = check(given).problems
    assert (
        given[problem.start : problem.end]
        == problem.quote
        == "50\u00a0% (21\u00a0637 из 43\u00a0895"
    )


def test_problems_come_the_gravest_first_and_are_counted():
    report = check(text("briefing_en.txt"))
    order = [("false", "unsound", "careless").index(p.severity) for p in report.problems]
    assert order == sorted(order)
    assert sum(report.counts.values()) == len(report.problems)


def test_numbers_that_nothing_ties_are_told():
    report = check("In January 12 banks answered. Police solved 222 of 1,871 crimes, or 11.9%.")
    assert [n.text for n in report.untied] == ["12"]


def test_the_period_of_a_text_may_be_told():
    given = "This year 288 crimes were committed."
    assert [p.code for p in check(given).problems] == ["period.open"]
    assert check(given, about=parse("2024-01")).problems == ()


def test_an_empty_text_has_nothing_wrong():
    report = check("")
    assert (report.problems, report.numbers, report.sentences) == ((), (), 0)


def test_every_code_has_its_sentence():
    for code in KINDS:
        assert has(f"claims.{code}"), code


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_can_be_said(language):
    for spoken in LANGUAGES:
        for problem in check(text(f"briefing_{spoken}.txt"), known=[STATED]).problems:
            assert problem.said(language)


@pytest.mark.parametrize(
    "piece", ["1 ", "(", "из 5 ", "2017 – 5, ", "a. ", "1 000 тенге на 5 % больше чем "]
)
def test_a_text_made_to_be_slow_is_read_all_the_same(piece):
    assert check(piece * 2000).paragraphs == 1


def test_a_text_told_twice_in_the_same_numbers_has_nothing_wrong():
    assert check(text("clean_ru.txt") * 2).problems == ()
