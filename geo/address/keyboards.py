"""What is left of Vietnamese typing when the input method was off: Telex ("dduwowngf", "Nguyeenx"), VNI ("Nguye64n").

A word is taken back to its letters only where the rest is a Vietnamese syllable and the word as it stands is none.
Keys have no accents, so the marks and tones need only be taken away, not put on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_SYLLABLE = re.compile(
    r"^(?:ngh?|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdghklmnpqrstvx])?"
    r"(?:uye|uya|uyu|uoi|uou|ieu|yeu|oai|oao|oay|oeo|uay|uao|ia|ie|ya|ye|iu|ua|ue|ui|uo|uu|uy|oa|oe|oi|oo|ao|ai|au|ay"
    r"|eo|eu|a|e|i|o|u|y)"
    r"(?:ch|ng|nh|[cmnpt])?$"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# English words and marks of shops that would pass for Telex.
_OTHERS = _words(
    "bar bus gas max box tax car plus tower towers for or as is us her bis west east port star mart oxus tex"
    " near corner floor for bars pos bos lux fox mix six co-op coop food foods room book school zoo moon wood good look"
    " post part hair best art air church town beef beer now rex power nest guest gift chair charm lens bow music"
    " too see free green street been queen meet tee bee lee aa ee oo gate app all hall well mall dist ter"
)
_MARKED = re.compile(r"aa|ee|oo|dd|[aou]w|uw")
# A tone is typed behind the vowels, or at the end.
_TONED = re.compile(r"^(.*?[aeiouyw])[sfrxj]((?:ch|ng|nh|[cmnpt])?)$|^(.*[aeiouyw](?:ch|ng|nh|[cmnpt]))[sfrxj]()$")
# Letters with a digit within them, or đ as d9: such a word is VNI beyond doubt.
_SURELY_VNI = re.compile(r"^(?:d9[a-z]+(?:[1-9]{1,2}[a-z]+){0,2}[1-9]{0,2}|[a-z]+(?:[1-9]{1,2}[a-z]+){1,2}[1-9]{0,2})$")
_MAYBE_VNI = re.compile(r"^[a-z]{2,}[1-9]{1,2}$")
# Words that take a number of their own: q1, kp3, so7, hem51.
_NUMBERED = _words(
    "p ph f q x kp ap phuong quan ward so to lo ql tl hl hem kiet ngo nga cua khu tang lau phong nha km block d duong"
    " cmt sn doi can kdc kcn"
)


def is_syllable(word: str) -> bool:
    """Whether a word (lower case, no accents) could be a Vietnamese one."""
    return bool(_SYLLABLE.match(word))


def any_vni(words: Iterable[str]) -> bool:
    """Whether one of these words (lower case) is VNI beyond doubt: then `le6` beside it is one too."""
    return any(_vni(word) is not None for word in words if len(word) > 2 and not word.isalpha())


def letters(word: str, beside_vni: bool) -> str:
    """The letters that `word` (lower case, no accents) was meant to be; the word itself where it is no leftover."""
    if len(word) < 2:
        return word
    if word.isalpha():
        return _telex(word) if word.isascii() else word
    found = _vni(word)
    if found is None and beside_vni and _MAYBE_VNI.match(word):
        plain = word.rstrip("123456789")
        found = plain if plain not in _NUMBERED and is_syllable(plain) else None
    return found or word


@lru_cache(maxsize=8192)
def _vni(word: str) -> str | None:
    if not _SURELY_VNI.match(word):
        return None
    plain = re.sub(r"\d", "", word)
    head = re.split(r"\d", word)[0]
    if head in _NUMBERED - {"d", "so", "to", "lo", "khu", "ngo", "quan", "can", "duong", "phuong"}:
        return None
    return (
        plain if len(plain) > 2 and is_syllable(plain) and any(char in "aeiouy" for char in head + plain[:2]) else None
    )


@lru_cache(maxsize=65536)
def _telex(word: str) -> str:
    if len(word) < 3 or word in _OTHERS or is_syllable(word):
        return word
    toned = _TONED.match(word)
    if toned is None and not _MARKED.search(word):
        return word
    plain = "".join(part or "" for part in toned.groups()) if toned else word
    plain = re.sub(r"(?<=[aou])w", "", plain)
    plain = re.sub(r"^dd", "d", plain)
    if plain[:1] == "d" and plain.endswith("d") and len(plain) > 2:  # duongd
        plain = plain[:-1]
    plain = re.sub(r"aa|ee|oo", lambda found: found.group()[0], plain)
    # The second letter of a mark may come last: nguyene, duowngf typed as duongwf.
    if not is_syllable(plain):
        plain = re.sub(r"w", "", plain)
        if len(plain) > 3 and plain[-1] in "aeo" and plain.count(plain[-1]) == 2:
            plain = plain[:-1]
    return plain if len(plain) > 1 and is_syllable(plain) else word
