"""House numbers that are known at their own door: the same number and street, however written, is that door."""

from __future__ import annotations

from collections.abc import Container, Iterable

from geo.address.mentions import StreetMention, StreetParts
from geo.address.parser import Address, parse
from geo.address.streets import read
from geo.address.tokens import tokens
from geo.address.vocabulary import Vocabulary, spelling
from geo.gazetteer.keys import words_of
from geo.gazetteer.records import HouseNumber

_NO_AREAS = Vocabulary()
_MOST_COMMAS = 4  # behind which the files' own words of an address may end


def doors(numbers: Iterable[HouseNumber], streets: Container[str]) -> tuple[dict[str, list[int]], list[HouseNumber]]:
    """(keys of an address → places in the list, the list of those that stand at their door).

    A pole ("cột điện 137") and a km post ("km 7+500") of a street are found likewise, by their own names."""
    kept = [each for each in numbers if each.at_door and each.street]
    found: dict[str, list[int]] = {}
    for place, each in enumerate(kept):
        text = f"{each.number} {each.street}"
        parts = read(parse(text, _NO_AREAS), streets)
        keys = {" ".join(words_of(text)), *_of_parts(parts)}
        for key in keys - {""}:
            found.setdefault(key, []).append(place)
    return found, kept


def _of_parts(parts: StreetParts) -> list[str]:
    best = parts.mentions[0].score if parts.mentions else 0.0
    likely = [mention for mention in parts.mentions[:3] if mention.score > best - 1.0]
    if parts.km is not None:
        return [f"km {parts.km:g}|{mention.key}" for mention in likely]
    pole = "cot|" if any(piece.kind == "pole" for piece in parts.pieces) else ""
    return [pole + key_of(mention) for mention in likely if mention.number]


def key_of(mention: StreetMention) -> str:
    """Number and street in one form."""
    return f"{mention.number.replace(' ', '')}|{mention.key}"


def keys_of(address: Address, parts: StreetParts) -> list[str]:
    """What the door of an address may be found by: its words as far as a comma or its areas, and number and street."""
    end = min((part.start for part in address.parts if part.manner not in ("landmark", "leading")), default=10**6)
    words = tokens(address.text)
    keys = [spelling(token.key) for token in words]
    cuts = [place for place, token in enumerate(words) if place and "," in token.gap][:_MOST_COMMAS]
    before = sum(token.end <= end for token in words)
    result = [" ".join(keys[:cut]) for cut in (len(keys), *reversed(cuts), before)]
    return [key for key in dict.fromkeys([*result, *_of_parts(parts)]) if key]


def in_words(key: str) -> bool:
    """Whether a key is the address's own words, as against number and street."""
    return "|" not in key
