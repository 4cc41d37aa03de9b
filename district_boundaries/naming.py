"""What kind of area a Vietnamese name tells, and how the area is called in English."""

from __future__ import annotations

import unicodedata

# The word in front of a full name → kind, and what that kind is called. The longer word is tried first.
KINDS: dict[str, tuple[str, str, str]] = {
    "Thành phố": ("thanh_pho", "Thành phố", "City"),
    "Thị trấn": ("thi_tran", "Thị trấn", "Township"),
    "Đặc khu": ("dac_khu", "Đặc khu", "Special zone"),
    "Thị xã": ("thi_xa", "Thị xã", "Town"),
    "Phường": ("phuong", "Phường", "Ward"),
    "Huyện": ("huyen", "Huyện", "Rural district"),
    "Quận": ("quan", "Quận", "Urban district"),
    "Xã": ("xa", "Xã", "Commune"),
}
LEVEL_NAMES: dict[str, dict[str, str]] = {
    **{kind: {"vi": vi, "en": en} for kind, vi, en in KINDS.values()},
    "zone": {"vi": "Vùng phục vụ", "en": "Service zone"},
    "": {"vi": "Khu vực", "en": "Area"},
}
_ENGLISH_WORD = {"quan": "District", "huyen": "District", "dac_khu": "Special Zone"}


def kind_of(name: str) -> str:
    """phuong, xa, thi_tran, dac_khu, quan, huyen, thi_xa or thanh_pho; empty where the name does not say."""
    for word, (kind, _, _) in KINDS.items():
        if name.startswith(word + " "):
            return kind
    return ""


def short_name(name: str) -> str:
    """The name without the word for its kind: Bến Thành. A number is no name by itself: Quận 1 and Phường 12 stay."""
    for word in KINDS:
        if name.startswith(word + " "):
            rest = name[len(word) + 1 :]
            return name if rest.isdigit() else rest
    return name


def english_name(name: str) -> str:
    """Bến Thành Ward without its accents: Ben Thanh Ward, District 1, Thu Duc City."""
    kind, short = kind_of(name), plain(short_name(name))
    if not kind:
        return short
    word = _ENGLISH_WORD.get(kind) or LEVEL_NAMES[kind]["en"]
    if short == plain(name):  # a number
        return f"{word} {short.split()[-1]}"
    return f"{short} {word}"


def level_name(kind: str) -> dict[str, str]:
    """What an area of this kind is called: `{vi, en}`."""
    return LEVEL_NAMES.get(kind, LEVEL_NAMES[""])


def plain(text: str) -> str:
    """Without accents, case kept: Bến Thành → Ben Thanh, Đa Kao → Da Kao."""
    folded = text.replace("Đ", "D").replace("đ", "d").replace("Ð", "D")
    return "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
