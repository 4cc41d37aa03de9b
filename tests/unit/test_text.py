"""Normal forms and search keys."""

from __future__ import annotations

import unicodedata

from geo.text import accent_key, fold, has_accents, nfc, search_key


def test_a_key_has_no_accents_capitals_or_double_spaces():
    assert search_key("  ĐƯỜNG   Tân Quý ") == "duong tan quy"


def test_every_letter_d_with_a_stroke_is_d():
    assert search_key("Đa Kao") == search_key("Ða Kao") == search_key("đa kao") == search_key("ða kao") == "da kao"
    assert nfc("Ða Kao") == "Đa Kao"


def test_composed_and_decomposed_letters_have_one_key():
    assert search_key(unicodedata.normalize("NFD", "Nguyễn Thị Thập")) == "nguyen thi thap"


def test_the_place_of_a_tone_does_not_matter_its_presence_does():
    assert accent_key("Hòa Bình") == accent_key("Hoà Bình")
    assert accent_key("Tân Quý") == accent_key("Tân Qúy") != accent_key("Tân Quy")


def test_folding_keeps_the_length():
    text = "Ngã tư – “Hàng Xanh” İ ﬁ ǅ"
    assert len(fold(text)) == len(text)


def test_accents():
    assert has_accents("đ") and has_accents("Bến") and not has_accents("Ben Thanh 12 – ")
