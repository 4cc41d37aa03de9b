"""Vietnamese text: one normal form, and keys to search by.

Everything stored is NFC. A search key has no accents, no capitals and single spaces, so that what is typed
on any keyboard meets the name it means. `fold` keeps every character's position, so that a span found in the
folded text is the same span of the text itself.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Letters that do not decompose. Ð (U+00D0, Icelandic eth) and Ɖ stand for Đ in many files.
_PLAIN = {"đ": "d", "ð": "d", "ɖ": "d", "ø": "o", "ł": "l", "ß": "s", "æ": "a", "œ": "o", "ı": "i"}
# Dashes and quotes of word processors, and the many spaces.
_MARKS = dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("‘’‚`´", "'") | dict.fromkeys("“”„«»", '"')
_HANGUL = (0xAC00, 0xD7A3)
_ETH = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ"})


def nfc(text: str) -> str:
    """`text` in NFC, with Ð (U+00D0) and its kin as the Vietnamese Đ."""
    if text.isascii():
        return text
    made = unicodedata.normalize("NFC", text)
    # Four searches for one letter take a fifth of what a regular expression does.
    return made.translate(_ETH) if "Ð" in made or "ð" in made or "Ɖ" in made or "ɖ" in made else made


class _Fold(dict[int, str]):
    """code point → one character without accent and lower case; filled as characters are met."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        if char.isspace():
            plain = " "
        elif char in _MARKS:
            plain = _MARKS[char]
        else:
            low = char.lower()[:1] or char
            plain = _PLAIN.get(low, low)
            if plain == low and not _HANGUL[0] <= point <= _HANGUL[1]:  # whose parts would be put together again
                plain = unicodedata.normalize("NFKD", low)[:1].lower()[:1] or low
                plain = _PLAIN.get(plain, plain)
        if len(self) < 65536:
            self[point] = plain
        return plain


_FOLD = _Fold()


def fold(text: str) -> str:
    """`text` (NFC) without accents and capitals, character by character: the result has the same length."""
    return text.translate(_FOLD)


def search_key(text: str) -> str:
    """What `text` is found by: NFC, Đ folded, no accents, lower case, single spaces, trimmed."""
    return " ".join(fold(nfc(text)).split())


# òa and oà are the same word in the two ways of placing a tone; the key with accents knows one.
_TONES = {"̀": "1", "́": "2", "̉": "3", "̃": "4", "̣": "5"}


@lru_cache(maxsize=8192)  # the names of areas come over and over
def accent_key(text: str) -> str:
    """`text` lower case, with its vowels' marks, each word's tone as a digit at its end: hòa = hoà, quý = qúy."""
    words = []
    for word in unicodedata.normalize("NFD", nfc(text)).lower().split():
        tone = ""
        letters = []
        for char in word:
            if char in _TONES:
                tone = _TONES[char]
            else:
                letters.append(char)
        words.append(unicodedata.normalize("NFC", "".join(letters)) + tone)
    return " ".join(words)


def has_accents(text: str) -> bool:
    """Whether any letter of `text` bears a Vietnamese mark (đ counts)."""
    return not text.isascii() and any(ord(char) > 127 and char.isalpha() for char in text)
