"""The table of ways to say a place: every part of each, with the span of text it came from.

`tests/unit/data/ways_to_say_a_place.csv` was written by hand. A part stands in braces in the text itself:
{kind:text}, or {kind=what it says:text}; the text is what remains without the braces.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from pathlib import Path

import pytest

from district_boundaries.area_names import area_names
from geo.address.pieces import pieces
from geo.gazetteer.keys import street_key
from geo.geocoder import index_of
from geo.text import nfc, search_key

TABLE = Path(__file__).parents[1] / "unit" / "data" / "ways_to_say_a_place.csv"
PART = re.compile(r"\{(\w+)(?:=([^:{}]*))?:([^{}]*)\}")
NUMBERS = {"number", "alley", "lot"}


def expected(said):
    """(the text, [(kind, what it says, start, end)])."""
    text, parts, at = "", [], 0
    for found in PART.finditer(said):
        text += said[at : found.start()]
        kind, value, words = found.groups()
        value = search_key(words) if value is None else value
        value = street_key(value) if kind == "street" else search_key(value)
        value = value.replace(" ", "") if kind in NUMBERS else value
        parts.append((kind, value, len(text), len(text) + len(words)))
        text += words
        at = found.end()
    return text + said[at:], parts


ROWS = [(row["form"], *expected(nfc(row["said"]))) for row in csv.DictReader(TABLE.open(encoding="utf-8"))]


@pytest.fixture
def read(app_connection):
    names = area_names(app_connection)
    areas, gazetteer = index_of(names), names.gazetteer
    assert gazetteer is not None

    def parts(text):
        address = areas.parse(text)
        found = pieces(address, gazetteer.streets, gazetteer.landmarks)
        return address.text, [(piece.kind, piece.value, piece.start, piece.end) for piece in found]

    return parts


def test_the_table_is_large_and_has_all_forms():
    forms = {form for form, _, _ in ROWS}
    assert len({text for _, text, _ in ROWS}) == len(ROWS) >= 200
    assert {"telex", "vni", "Ð for Đ", "no accents", "capitals", "abbreviated", "alley", "range", "junction"} <= forms
    assert {"named junction", "numbered street", "shop", "old and new", "other order", "english", "pole", "km"} <= forms


def test_every_way_is_read_with_all_its_parts(read):
    wrong = []
    for _, text, parts in ROWS:
        for form in ("NFC", "NFD"):
            said, found = read(unicodedata.normalize(form, text))
            if (said, found) != (text, parts):
                wrong.append((text, [part for part in found if part not in parts], parts))
    assert not wrong, f"{len(wrong)}: {wrong[:5]}"
