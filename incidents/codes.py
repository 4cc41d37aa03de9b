"""Public report codes: five symbols and a check symbol that survive being read out over a telephone.

The database makes them (`report_code` in the first migration); here they are read back from whatever a person typed.
The weights find every single wrong symbol and every swap of two neighbours, since 31 is prime.
"""

from __future__ import annotations

from incidents.errors import UnknownCode

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_SHORTEST = 6


def normalise(typed: str) -> str:
    """The canonical form of a typed code: upper case, without dashes and spaces. Raises UnknownCode where the
    check symbol does not fit, so that a mistyped code is told from one that was never given."""
    code = "".join(symbol for symbol in typed.upper() if symbol.isalnum())
    if len(code) < _SHORTEST or any(symbol not in ALPHABET for symbol in code):
        raise UnknownCode(typed)
    digits = [ALPHABET.index(symbol) for symbol in code]
    body, check = digits[:-1], digits[-1]
    total = sum(digit * weight for weight, digit in enumerate(reversed(body), start=2))
    if (total + check) % len(ALPHABET):
        raise UnknownCode(typed)
    return code


def spoken(code: str) -> str:
    """The form that is shown and read out: 7TR-4KM."""
    return f"{code[:3]}-{code[3:]}"
