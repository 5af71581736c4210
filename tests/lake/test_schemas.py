"""Schemas: eight kinds, every column explained in three languages."""

import pytest

from qalqan.errors import ContractBroken
from qalqan.lake.schemas import KINDS, SCHEMAS


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_explained_in_three_languages(kind: str) -> None:
    schema = SCHEMAS[kind]
    for titles in (schema.titles, *(column.titles for column in schema.columns)):
        assert set(titles) == {"kk", "ru", "en"}
        assert all(titles.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_identity_time_and_place_in_the_log(kind: str) -> None:
    names = SCHEMAS[kind].arrow.names
    assert names[:3] == ["id", "source", "at_us"]
    assert names[-2:] == ["day", "seal"]
    assert list(SCHEMAS[kind].ibis) == names


def test_a_phone_has_its_country_and_class_beside_it() -> None:
    assert "phone_country" in SCHEMAS["subscription"].arrow.names
    assert not SCHEMAS["call"].column("caller_class").given


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(ContractBroken, match="colour"):
        SCHEMAS["payment"].column("colour")
