"""How warnings may speak."""

from __future__ import annotations

import pytest

from qalqan.bulletin.outreach import shipped, voice
from qalqan.errors import InputRejected
from qalqan.exchange import sms_text

FINE = {"kk": "Код айтпаңыз.", "ru": "Не называйте код.", "en": "Tell no code."}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("kk", "", "outreach.three_languages"),
        ("ru", "Осторожно!", "outreach.no_exclamation"),
        ("en", "See qalqan.kz for more", "outreach.no_link"),
        ("en", "Write to t.me/shield", "outreach.no_link"),
        ("kk", "https://x", "outreach.no_link"),
        ("ru", "Мы вернём ваши деньги", "outreach.no_promise"),
        ("kk", "Ақшаңызды қайтарамыз", "outreach.no_promise"),
        ("en", "This is guaranteed", "outreach.no_promise"),
        ("en", "Your money is safe", "outreach.no_safe"),
        ("ru", "Это безопасно", "outreach.no_safe"),
        ("kk", "Бұл қауіпсіз", "outreach.no_safe"),
        ("ru", "ы" * 202, "outreach.parts"),
    ],
)
def test_what_may_not_be_said(language: str, text: str, expected: str) -> None:
    with pytest.raises(InputRejected) as refused:
        voice.check("message", {**FINE, language: text}, 3)
    assert (refused.value.field, refused.value.expected) == (language, expected)


def test_the_fraudsters_word_is_quoted_and_spaces_are_closed_up() -> None:
    told = {**FINE, "ru": "  «Безопасного счёта»   нет. "}
    assert voice.check("message", told, 3)["ru"] == "«Безопасного счёта» нет."


def test_what_comes_with_the_software_passes_and_fits_two_messages() -> None:
    for texts in shipped.messages().values():
        assert voice.check("message", texts, 2) == texts
        assert sms_text.length(texts["en"]).alphabet == "gsm"
    for moment in shipped.moments().values():
        assert "any" in moment.texts
        for texts in moment.texts.values():
            assert voice.check("moment", texts, 2) == texts


def test_a_moment_names_who_shows_it_and_whether_risk_is_acute() -> None:
    acute = {code for code, moment in shipped.moments().items() if moment.acute}
    assert acute == {"payment_listed", "loan_after_call", "call_before", "buyer_link"}
    kinds = {kind for moment in shipped.moments().values() for kind in moment.kinds}
    assert kinds == {"bank", "wallet", "operator", "marketplace"}
