from babel import Locale

from qalqan.geo.countries import COUNTRIES

NOT_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


def test_codes_are_those_of_unicode_without_its_special_ones():
    known = {code for code in Locale("en").territories if len(code) == 2}
    assert known - NOT_COUNTRIES == COUNTRIES
    assert len(COUNTRIES) == 250
