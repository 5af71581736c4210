from __future__ import annotations

from qalqan.text.alike import best, father, likeness, readings, sound, words


def test_one_word_in_every_alphabet_sounds_alike() -> None:
    for spellings in (
        ("Әйгерім", "Айгерим", "Aigerim", "AYGERIM", "Äigerım"),
        ("Серікұлы", "Serikuly", "серикулы", "Serıkūly", "Серік ұлы"),
        ("Жанна", "Zhanna", "Janna", "ЖАНА"),
        ("Қуаныш", "Kuanysh", "Quanyş", "куаныш"),
        ("Щербаков", "Shcherbakov"),
        ("Хабибулла", "Khabibulla", "Habibulla"),
        ("Ерлан", "Yerlan", "Erlan"),
        ("Гульнұр", "Гүлнур", "Gulnur"),
        ("КASPI", "Kаsрі", "каспй", "kaspy"),
    ):
        assert len({words(one) for one in spellings}) == 1, spellings


def test_what_may_be_meant_otherwise() -> None:
    assert "ahmetov" in readings("Axmetov")[0]
    assert "ahmetova" in readings("AXMETOBA".replace("A", "А", 1))[0]
    assert father(sound("сериковна")) == father(sound("серікқызы")) == "~serik"
    assert father("erlan") is None


def test_likeness_forgives_one_slip_a_word_and_any_order() -> None:
    assert likeness("bank altyn", ["Алтын Банк"]) == 1
    assert likeness("алтнй банкі", ["Алтын Банк"]) >= 0.7
    assert likeness("kaspi", ["Halyk"]) == 0
    assert likeness("303", ["302"]) == 0
    assert likeness("", ["Kaspi"]) == likeness(" — !", ["Kaspi"]) == 0
    assert likeness("kas", ["Kaspi"], prefix=True) > likeness("kas", ["Kaspi"])


def test_the_likest_come_first() -> None:
    named = {"a": ["Алтын"], "b": ["Алтынай"], "c": ["Өрлеу"]}
    assert [key for key, _ in best("алтын", named, prefix=True)] == ["a", "b"]
