"""No text makes the parser raise, miss its own spans, or take long."""

from __future__ import annotations

import random
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from geo.address import words
from geo.address.parser import parse
from geo.address.vocabulary import Vocabulary
from geo.text import accent_key, fold, nfc, search_key

NAMES = Vocabulary(
    [("district", name) for name in ("1", "10", "Bình Thạnh", "Tân Phú", "Thủ Đức", "Gò Vấp")]
    + [("ward", name) for name in ("1", "12", "Bến Nghé", "Tân Phú", "Bến Thành", "Hiệp Bình Chánh", "Tân Sơn Nhì")]
)
PIECES = (
    [" ".join(key) for key in words.MARKERS]
    + [" ".join(key) for key in words.HAMLETS]
    + [
        "P.",
        "Q.",
        "Phường",
        "Quận",
        "TP.HCM",
        "(",
        ")",
        ",",
        " - ",
        "-",
        "/",
        ".",
        "12",
        "04",
        "12/3A",
        "P12",
        "q1",
        "p12q10",
    ]
    + [
        "Bình Thạnh",
        "Tân Phú",
        "bến thành",
        "Đường",
        "hẻm",
        "chợ",
        "Lê Lợi",
        "Hà Nội",
        "BN",
        "ở",
        "hướng ra",
        "City",
        "\n",
    ]
)
typed = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=60).map(" ".join)
glued = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=400) | typed | glued)
def test_no_text_raises_or_takes_over_50_ms(text):
    parse("P. 1", NAMES)
    begin = time.thread_time()
    address = parse(text, NAMES)
    assert time.thread_time() - begin < 0.05
    last = 0
    for part in address.parts:
        assert address.text[part.start : part.end] == part.text
        assert last <= part.start < part.end <= len(address.text)
        last = part.end


def test_the_longest_texts_take_no_longer():
    choice = random.Random(1)
    texts = [
        "P. " * 5000,
        "Tân Phú " * 5000,
        "(" * 5000 + "12",
        "p1 q1 " * 3000,
        "a" * 100_000,
        "Bình " * 4000,
        "12/" * 4000,
    ]
    texts += [" ".join(choice.choice(PIECES) for _ in range(400)) for _ in range(30)]
    for text in texts:
        begin = time.thread_time()
        parse(text, NAMES)
        assert time.thread_time() - begin < 0.05, text[:40]


@given(st.text(max_size=60))
def test_folding_keeps_every_place_and_keys_are_stable(text):
    assert len(fold(nfc(text))) == len(nfc(text))
    assert search_key(search_key(text)) == search_key(text)
    accent_key(text)
