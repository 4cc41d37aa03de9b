"""Codes that survive a telephone: every single wrong symbol and every swap of neighbours is found."""

from __future__ import annotations

import pytest

from incidents.codes import ALPHABET, normalise, spoken
from incidents.errors import UnknownCode


def check_symbol(body: str) -> str:
    total = sum(ALPHABET.index(symbol) * weight for weight, symbol in enumerate(reversed(body), start=2))
    return ALPHABET[-total % len(ALPHABET)]


GOOD = [body + check_symbol(body) for body in ("7TR4K", "22222", "ZZZZZ", "A3B9C")]


@pytest.mark.parametrize("code", GOOD)
def test_any_spelling_is_read(code: str) -> None:
    assert normalise(f" {code[:3].lower()}-{code[3:]} ") == code
    assert spoken(code) == f"{code[:3]}-{code[3:]}"


@pytest.mark.parametrize("code", GOOD)
def test_every_wrong_symbol_is_found(code: str) -> None:
    for place in range(len(code)):
        for symbol in ALPHABET:
            if symbol != code[place]:
                with pytest.raises(UnknownCode):
                    normalise(code[:place] + symbol + code[place + 1 :])


@pytest.mark.parametrize("code", GOOD)
def test_every_swap_of_neighbours_is_found(code: str) -> None:
    for place in range(len(code) - 1):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            with pytest.raises(UnknownCode):
                normalise(swapped)


@pytest.mark.parametrize("typed", ["", "1022", "7TR-4K", "O0I1L1", "'; DROP", "7TR4K" * 40, "ЯЯЯЯЯЯ"])
def test_nonsense_is_no_code(typed: str) -> None:
    with pytest.raises(UnknownCode):
        normalise(typed)
