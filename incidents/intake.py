"""The one door. A report by telephone, by HTTP or from a file of a million rows takes these steps, in this order:

    check → place → locate → join → suggest → route → deadlines → duplicates → store

The steps take a whole batch; a single report is a batch of one. A draft that cannot be taken becomes a Refusal at
its place in the answer and never stops the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection

from database import clock
from district_boundaries import areas
from district_boundaries.locate import locate
from incidents import checking, duplicates, joining, place, reference, routing, store
from incidents.deadlines import deadlines
from incidents.drafts import Draft, Duplicate, FoundPlace, Receipt
from incidents.errors import Refusal
from incidents.reference import Suggestion
from incidents.suggestion import suggest

LOW_CONFIDENCE = 0.5
"""Below this the place of a report is a guess that a person looks at."""


def receive(
    connection: Connection,
    drafts: Sequence[Draft],
    *,
    actor: str,
    bulk: bool = False,
    in_words: bool | None = None,
    known: reference.Reference | None = None,
    index: areas.AreaIndex | None = None,
) -> list[Receipt | Refusal]:
    """Take a batch of drafts in, in the caller's transaction: one answer per draft, in order.

    `actor` is who sent them, for the record (`public`, `user:7`, `import`). `bulk` is for reports of the past: they
    are sealed in the record but not streamed one by one, and no duplicates are looked for among the present ones.
    `in_words`: whether the public row says in which street each lies; for a bulk load it does not unless asked for.
    `known` and `index` are handed in by a caller that has already asked for this transaction's.
    """
    if known is None or index is None:
        known, index = reference.current_with_areas(connection)
    prepared = prepare(connection, drafts, known=known, index=index, alone=bulk, in_words=in_words)
    answers: list[Receipt | Refusal | None] = list(prepared.refusals)
    receipts = store.store(connection, prepared.entries, known, actor=actor, bulk=bulk)
    for pos, receipt in zip(prepared.taken, receipts, strict=True):
        answers[pos] = receipt
    return [answer for answer in answers if answer is not None]


def take_past(
    connection: Connection, drafts: Sequence[Draft], *, actor: str, known: reference.Reference, index: areas.AreaIndex
) -> list[Refusal | None]:
    """As `receive` with `bulk`, for a file's reports of the past, which nobody waits to have confirmed: one Refusal or
    None per draft."""
    prepared = prepare(connection, drafts, known=known, index=index, alone=True)
    store.write(connection, prepared.entries, known, actor=actor, bulk=True)
    return prepared.refusals


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A batch after all steps but the last: what can be stored, and what not."""

    refusals: list[Refusal | None]
    """one per draft"""
    taken: list[int]
    """positions of the drafts that can be stored"""
    entries: list[store.Entry]
    """of those, in the same order"""


def prepare(
    connection: Connection,
    drafts: Sequence[Draft],
    *,
    known: reference.Reference,
    index: areas.AreaIndex,
    alone: bool,
    in_words: bool | None = None,
) -> Prepared:
    """All steps of the door but the last. `alone`: no duplicates are looked for; `in_words` as in `receive`."""
    now = clock.now()
    answers: list[Refusal | None] = [checking.check(draft, known, now) for draft in drafts]
    taken = [pos for pos, answer in enumerate(answers) if answer is None]
    days = [_day(drafts[pos].reported_at or now) for pos in taken]
    said = not alone if in_words is None else in_words
    places = place.find(connection, [drafts[pos] for pos in taken], days, in_words=said)
    lon, lat, accuracy_m = _arrays(places)
    located = locate(index, lon, lat, np.array(days, "datetime64[D]"))
    wished = joining.find(connection, [drafts[pos] for pos in taken], places, known)
    for row, pos in enumerate(taken):
        wish = wished[row]
        if places[row] is not None and not located.inside[row]:
            answers[pos] = _outside(drafts[pos])
        elif isinstance(wish, Refusal):
            answers[pos] = wish
    inside = np.array([row for row, pos in enumerate(taken) if answers[pos] is None], dtype=np.intp)
    if not len(inside):
        return Prepared(refusals=answers, taken=[], entries=[])
    taken = [taken[row] for row in inside]
    places = [places[row] for row in inside]
    days = [days[row] for row in inside]
    lon, lat, accuracy_m, located = lon[inside], lat[inside], accuracy_m[inside], located[inside]
    joined = [None if isinstance(wished[row], Refusal) else wished[row] for row in inside]
    batch = [_same_thing(drafts[pos], joins) for pos, joins in zip(taken, joined, strict=True)]

    # Reports of the past lie in the areas of their own day, and on today's map in those of today.
    on = np.array(days, "datetime64[D]")
    today = located if set(days) == {_day(now)} else locate(index, lon, lat, _day(now))

    suggestions = _suggest(batch, known)
    categories = [draft.category for draft in batch]
    routed = routing.route(known, index, categories, located, lon, lat, accuracy_m, on)
    clocks = deadlines(known, categories, [draft.reported_at or now for draft in batch])
    if alone:
        alike: list[tuple[Duplicate, ...]] = [() for _ in batch]
    else:
        kinds = [
            None if joins else _kind(known, draft.category or (guess.category if guess else None))
            for draft, guess, joins in zip(batch, suggestions, joined, strict=True)
        ]
        alike = duplicates.likely(connection, places, kinds)

    wards, districts, zones = located.ward_id.tolist(), located.district_id.tolist(), located.zone_ids.tolist()
    nearest, approximate = located.nearest.tolist(), located.approximate.tolist()
    now_wards, now_districts = today.ward_id.tolist(), today.district_id.tolist()
    units, deciding = routed.unit_id.tolist(), routed.area_id.tolist()
    rules, versions = routed.responsibility_id.tolist(), routed.rule_version.tolist()
    entries = [
        store.Entry(
            draft=draft,
            reported_at=draft.reported_at or now,
            place=places[row],
            ward_id=wards[row] or None,
            district_id=districts[row] or None,
            zone_ids=tuple(zones[row]),
            now_ward_id=now_wards[row] or None,
            now_district_id=now_districts[row] or None,
            unit_id=units[row],
            area_id=deciding[row] or None,
            responsibility_id=rules[row] or None,
            rule_version=versions[row] or None,
            candidate_unit_ids=(
                tuple(routed.candidates[row]) if len(routed.candidates[row]) > 1 and not joined[row] else ()
            ),
            suggestion=_said(suggestions[row]),
            clocks=clocks[row],
            duplicates=alike[row],
            joins=joined[row],
            review_reasons=()
            if joined[row]
            else _review_reasons(
                draft, places[row], routed.candidates[row], nearest[row], approximate[row], bool(alike[row])
            ),
        )
        for row, draft in enumerate(batch)
    ]
    return Prepared(refusals=answers, taken=taken, entries=[_as_stated(entry, known) for entry in entries])


def _as_stated(entry: store.Entry, known: reference.Reference) -> store.Entry:
    """The unit that the draft itself names comes before the rule's; the rule stands where it names the same."""
    if entry.draft.unit is None:
        return entry
    unit_id = known.unit_by_code[entry.draft.unit].id
    if unit_id == known.desk.id:
        return replace(entry, at_desk=True)
    if unit_id == entry.unit_id:
        return entry
    return replace(entry, unit_id=unit_id, area_id=None, responsibility_id=None, rule_version=None)


def _same_thing(draft: Draft, joins: joining.Joined | None) -> Draft:
    """Whoever sees it too says what it is by that; what they chose themselves within its kind stands."""
    return draft if joins is None or draft.category else replace(draft, category=joins.category)


def _day(at: datetime) -> date:
    return clock.local(at).date()


def _arrays(places: Sequence[FoundPlace | None]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """lon, lat, accuracy in metres as float64; NaN where there is no place."""
    table = np.array(
        [(np.nan,) * 3 if each is None else (each.lon, each.lat, each.accuracy_m) for each in places], dtype=np.float64
    ).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _suggest(batch: Sequence[Draft], known: reference.Reference) -> list[Suggestion | None]:
    """A suggestion only where no category was said."""
    unsaid = [row for row, draft in enumerate(batch) if draft.category is None]
    guesses: list[Suggestion | None] = [None] * len(batch)
    for row, guess in zip(unsaid, suggest([batch[row].description or "" for row in unsaid], known), strict=True):
        guesses[row] = guess
    return guesses


def _said(guess: Suggestion | None) -> tuple[str, float] | None:
    return None if guess is None else (guess.category, guess.confidence)


def _kind(known: reference.Reference, category: str | None) -> str | None:
    """What duplicates share: the category's group, else the category itself."""
    return None if category is None else known.categories[category].group or category


def _outside(draft: Draft) -> Refusal:
    return Refusal(
        field="address" if draft.lat is None else "lat",
        reason="outside_city",
        value="" if draft.lat is None else f"{draft.lat}, {draft.lon}",
        message="Vị trí nằm ngoài Thành phố Hồ Chí Minh / This place is outside Ho Chi Minh City",
    )


def _review_reasons(  # noqa: PLR0917 - what each reason asks, in their order
    draft: Draft, found: FoundPlace | None, candidates: Sequence[int], nearest: bool, approximate: bool, alike: bool
) -> tuple[str, ...]:
    """Why a person should look at it, in a fixed order."""
    reasons = {
        "no_category": draft.category is None,
        "no_place": found is None,
        "low_confidence": found is not None and found.confidence < LOW_CONFIDENCE,
        "unit_border": len(candidates) > 1,
        "nearest_area": nearest,
        "approximate_boundary": approximate,
        "possible_duplicate": alike,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)
