"""The suggested category, measured on phrases that its word list was not fitted on."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from geo.text import fold, nfc
from incidents.reference import Category, files
from incidents.suggestion import scores, suggest

PHRASES = Path(__file__).parent / "data" / "suggestion_phrases.csv"


class Known:
    """What `suggest` asks of the reference data: the categories of the files."""

    def __init__(self, retired: str = "") -> None:
        self.categories = {
            line.code: Category(
                code=line.code,
                field=line.field,
                group=line.group,
                kind=line.field,
                hero="other",
                urgency=line.urgency,
                position=line.position,
                name={"vi": line.name_vi, "en": line.name_en},
                short_name={"vi": line.short_vi, "en": line.short_en},
                retired=line.code == retired,
            )
            for line in files.read().categories
        }


@pytest.fixture(scope="module")
def held_out() -> list[tuple[str, str]]:
    with PHRASES.open(encoding="utf-8") as lines:
        return [(row["category"], row["text"]) for row in csv.DictReader(lines)]


def test_every_category_has_words_and_held_out_phrases(held_out) -> None:
    known = Known()
    assert {category for category, _ in held_out} - {""} == set(known.categories)
    with (files.FOLDER / "words.csv").open(encoding="utf-8") as lines:
        assert {row["category"] for row in csv.DictReader(lines)} == set(known.categories)


@pytest.mark.parametrize("accents", [True, False])
def test_nine_of_ten_are_right(held_out, accents: bool) -> None:
    spoken = [(category, text if accents else fold(nfc(text))) for category, text in held_out if category]
    guesses = suggest([text for _, text in spoken], Known())
    right = sum(
        guess is not None and guess.category == category for (category, _), guess in zip(spoken, guesses, strict=True)
    )
    assert right >= 0.9 * len(spoken), f"{right} of {len(spoken)}"


def test_the_confidence_is_honest(held_out) -> None:
    """In each fifth of the scale the share that is right is near the mean confidence."""
    guesses = suggest([text for _, text in held_out], Known())
    bins: dict[int, list[tuple[float, bool]]] = {}
    for (category, _), guess in zip(held_out, guesses, strict=True):
        if guess is not None:
            assert 0 < guess.confidence < 1
            bins.setdefault(int(guess.confidence * 5), []).append((guess.confidence, guess.category == category))
    total = sum(map(len, bins.values()))
    error = sum(abs(sum(c for c, _ in each) - sum(ok for _, ok in each)) for each in bins.values()) / total
    assert error <= 0.1, error
    sure = [ok for each in bins.values() for confidence, ok in each if confidence >= 0.9]
    assert sum(sure) >= 0.95 * len(sure)


def test_a_question_is_no_incident(held_out) -> None:
    guesses = suggest([text for category, text in held_out if not category], Known())
    assert sum(guess is not None for guess in guesses) <= 2


def test_accents_decide_where_they_are_there() -> None:
    assert scores("đèn đường")["light_out"] > scores("đen đường").get("light_out", 0)
    assert scores("den duong")["light_out"] == scores("đèn đường")["light_out"]


def test_nothing_said_and_nothing_alive() -> None:
    assert suggest(["", "   ", "!!!"], Known()) == [None, None, None]
    (guess,) = suggest(["Mất điện cả khu"], Known(retired="power_outage"))
    assert guess is None or guess.category != "power_outage"
