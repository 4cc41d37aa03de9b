"""One key for the many ways to write a street's name: no accents, no markers, numbers in one form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from geo.address.tokens import tokens
from geo.address.vocabulary import spelling
from geo.text import nfc

# What stands before a name and is no part of it. "ben", "quoc lo", "huong lo", "ap" are parts of names.
_MARKERS = (("duong", "pho"), ("duong",), ("pho",), ("d",), ("dg",), ("duong", "d"), ("road",), ("street",))
_ENGLISH = frozenset({"street", "st", "str", "road", "rd", "boulevard", "blvd", "avenue", "ave", "alley"})
_ALLEYS = (("hem",), ("kiet",), ("ngo",), ("ngach",), ("h", "x", "h"), ("hxh",), ("alley",), ("lane",), ("hxt",))
# Roads that have a class and a number.
_CLASSES = {
    "ql": "quoc lo",
    "tl": "tinh lo",
    "hl": "huong lo",
    "dt": "tinh lo",
    "qlo": "quoc lo",
    "xl": "xa lo",
    "dl": "dai lo",
}
_NUMBERED_ROADS = frozenset({("tinh", "lo"), ("quoc", "lo"), ("huong", "lo")})
_SHORT = {
    "cmt8": "cach mang thang 8",
    "cmt": "cach mang thang",
    "cmtt": "cach mang thang 8",
    "cach mang thang tam": "cach mang thang 8",
    "cach mang t8": "cach mang thang 8",
    "ntmk": "nguien thi minh khai",
    "xvnt": "xo viet nghe tinh",
    "dbp": "dien bien phu",
    "nkkn": "nam ki khoi nghia",
    "ba thang hai": "3 thang 2",
    "3 2": "3 thang 2",
    "3 thang hai": "3 thang 2",
    "30 4": "30 thang 4",
    "26 3": "26 thang 3",
    "2 9": "2 thang 9",
    "19 5": "19 thang 5",
    "1 5": "1 thang 5",
    "xlhn": "xa lo ha noi",
    "xl ha noi": "xa lo ha noi",
    "kdv": "kinh duong vuong",
    "vvk": "vo van kiet",
}
IN_FULL = {name: key for name, key in _SHORT.items() if len(name) > 10}
"""Names in full whose key is another form."""
_FIRST = {
    "ng": "nguien",
    "ngn": "nguien",
    "nguen": "nguien",
    "m": "mai",
    "tr": "tran",
    "huinh": "huinh",
    "hoang": "hoang",
}
_GLUED = re.compile(r"^(ql|tl|hl|dt)(\d+[a-z]?)$")
_NUMBER = re.compile(r"^\d+[a-z]{0,2}$")


def words_of(text: str) -> list[str]:
    """The words of a text as keys have them: i for y, no accents."""
    return [spelling(token.key) for token in tokens(nfc(text))]


@lru_cache(maxsize=65536)
def street_key(name: str) -> str:
    """The key of a street's name: Đường Số 7, đường 7 and Road No.7 are `so 7`; QL.1A is `quoc lo 1a`."""
    return key_of(words_of(name))


def key_of(words: Sequence[str]) -> str:  # noqa: PLR0912  every branch a way to write a name
    """As `street_key`, of words that are keys already."""
    found = list(words)
    marked = False
    changed = True
    while changed and len(found) > 1:
        changed = False
        for marker in _MARKERS:
            if len(found) > len(marker) and tuple(found[: len(marker)]) == marker:
                del found[: len(marker)]
                marked = changed = True
                break
    while len(found) > 1 and found[-1] in _ENGLISH:
        found.pop()
        marked = True
    if not found:
        return ""
    glued = _GLUED.match(found[0])
    if glued:
        found[:1] = [*_CLASSES[glued.group(1)].split(), glued.group(2)]
    elif len(found) > 1 and found[0] in _CLASSES and found[1][:1].isdigit():
        found[:1] = _CLASSES[found[0]].split()
    elif found[0] in _FIRST and len(found) > 1:
        found[0] = _FIRST[found[0]]
    if len(found) > 3 and tuple(found[:2]) in _NUMBERED_ROADS and found[2][:1].isdigit():
        del found[3:]  # Tỉnh lộ 15 Củ Chi
    if found[0] == "tinh" and len(found) == 2 and found[1][:1].isdigit():
        found.insert(1, "lo")
    if found[0] in ("so", "no", "number") and len(found) > 1:
        found[0] = "so"
    elif len(found) == 1 and _NUMBER.match(found[0]) and marked:
        found.insert(0, "so")
    key = " ".join(found)
    if key in _SHORT:
        return _SHORT[key]
    for short, full in (("cmt8", "cach mang thang 8"), ("cach mang thang tam", "cach mang thang 8")):
        if key.startswith(short + " "):
            return full
    if key in ("quoc lo 1", "quoc lo 1a", "1a", "quoc lo 1k") and key != "quoc lo 1k":
        return "quoc lo 1a"
    return key


_ALLEY = re.compile(
    r"^(?:hem|kiet|ngo|ngach|hxh|hxt|alley|lane)\s*(?:so\s*)?([a-z]{0,2}\d+[a-z]{0,2}(?:/\w+)*)\s+(.+)$"
)


@lru_cache(maxsize=65536)
def alley_of(folded: str) -> tuple[str, str] | None:
    """(number, key of the street) of a name like "Hẻm 53/1 Lê Lợi", folded; None where it is no alley's."""
    found = _ALLEY.match(folded)
    if not found:
        return None
    key = street_key(found.group(2))
    return (found.group(1), key) if key else None


_MAIN = re.compile(r"(\d+)([a-z]{0,3})")
_LETTERED = re.compile(r"^([a-z]{1,2})(\d+)")


def main_number(number: str) -> tuple[int, str] | None:
    """(173, "") of "173 - 173B", (51, "7/3") of "51/7/3"; letters before it ("D16/6") make it no number: None."""
    text = number.strip().lower()
    found = _MAIN.match(text)
    if not found:
        return None
    value = int(found.group(1))
    if not 0 < value < 10_000:
        return None
    rest = text[found.end() :]
    return value, rest[1:] if rest.startswith("/") else ""


def letter_code(number: str) -> str:
    """d16 of "D16/6": the hamlet's letter and number; empty for a plain number."""
    found = _LETTERED.match(number.strip().lower())
    return found.group(0) if found else ""
