"""The address of a bus stop as it is written, and the same in the ways that people write it otherwise."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from geo.text import fold, nfc

Row = dict[str, str]


def written(row: Row) -> str:
    return ", ".join(part for part in (f"{row['address_no']} {row['street']}", row["ward"], row["district"]) if part)


def without_number(row: Row) -> str:
    """The street alone, in its areas."""
    return ", ".join(part for part in (row["street"], row["ward"], row["district"]) if part)


def one_letter_wrong(text: str, seed: int) -> str:
    """One letter wrong in one word of four letters or more of the street; never in a number."""
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    if not long:
        return text
    place = long[seed % len(long)]
    word = words[place]
    at = 1 + seed % (len(word) - 2)
    wrong = "aeiounthgc"[seed % 10]
    words[place] = word[:at] + (wrong if word[at] != wrong else "m") + word[at + 1 :]
    return " ".join(words)


def _short(text: str) -> str:
    for full, short in (("Phường ", "P."), ("Quận ", "Q."), ("Huyện ", "H."), ("Xã ", "X."), ("Thành phố ", "TP.")):
        text = text.replace(full, short)
    return text


DISGUISES: dict[str, Callable[[Row], str]] = {
    "no accents": lambda row: fold(nfc(written(row))),
    "lower case": lambda row: written(row).lower(),
    "decomposed": lambda row: unicodedata.normalize("NFD", written(row)),
    "capitals": lambda row: written(row).upper(),
    "one letter wrong": lambda row: ", ".join(
        part
        for part in (
            f"{row['address_no']} {one_letter_wrong(row['street'], int(float(row['lat']) * 1e6))}",
            row["ward"],
            row["district"],
        )
        if part
    ),
    "abbreviated": lambda row: _short(written(row)),
    "district dropped": lambda row: ", ".join(
        part for part in (f"{row['address_no']} {row['street']}", row["ward"]) if part
    ),
    "district first": lambda row: ", ".join(
        part for part in (row["district"], row["ward"], f"{row['address_no']} {row['street']}") if part
    ),
}
