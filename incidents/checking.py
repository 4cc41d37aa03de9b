"""What a draft must have before it gets a place: the door's own questions, the same for all channels."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from geo.text import nfc
from incidents.drafts import CHANNELS, Draft
from incidents.errors import Refusal
from incidents.reference import Reference

MAX_DESCRIPTION = 5000
MAX_ADDRESS = 500
_AHEAD = timedelta(minutes=10)
"""How far a sender's clock may run ahead of ours."""


def check(draft: Draft, reference: Reference, now: datetime) -> Refusal | None:
    """The first thing that keeps a draft from being taken, or None."""
    if draft.channel not in CHANNELS:
        return Refusal(
            field="channel",
            reason="unknown_channel",
            value=draft.channel[:40],
            message=f"unknown channel; one of {', '.join(CHANNELS)}",
        )
    category = None if draft.category is None else reference.categories.get(draft.category)
    if draft.category is not None and (category is None or (category.retired and _is_new(draft, now))):
        return Refusal(
            field="category",
            reason="unknown_category",
            value=draft.category[:60],
            message="unknown category; /api/v1/categories lists them",
        )
    if draft.unit is not None and draft.unit not in reference.unit_by_code:
        return Refusal(
            field="unit",
            reason="unknown_unit",
            value=draft.unit[:60],
            message="unknown unit; units list names them",
        )
    if not draft.category and not draft.joins and not (draft.description or "").strip():
        return Refusal(
            field="description", reason="no_content", message="a description is required where there is no category"
        )
    for name, text, most in (
        ("description", draft.description, MAX_DESCRIPTION),
        ("address", draft.address, MAX_ADDRESS),
    ):
        if text and len(text) > most:
            return Refusal(field=name, reason="too_long", message=f"at most {most} characters, this has {len(text)}")
    return _check_place(draft) or _check_time(draft, now)


def _check_place(draft: Draft) -> Refusal | None:
    if (draft.lon is None) != (draft.lat is None):
        missing = "lon" if draft.lon is None else "lat"
        return Refusal(field=missing, reason="bad_coordinates", message="lat and lon come together; one is missing")
    if draft.lon is not None and draft.lat is not None:
        if not (math.isfinite(draft.lon) and math.isfinite(draft.lat)):
            return Refusal(field="lat", reason="bad_coordinates", message="lat and lon must be finite numbers")
        if abs(draft.lat) > 90 or abs(draft.lon) > 180:
            swapped = abs(draft.lon) <= 90 and 90 < abs(draft.lat) <= 180
            hint = "; they look swapped" if swapped else ""
            return Refusal(
                field="lat",
                reason="bad_coordinates",
                value=f"{draft.lat}, {draft.lon}",
                message=f"lat must lie within ±90 and lon within ±180{hint}",
            )
    elif not (draft.address or "").strip() and draft.channel in ("web", "app"):
        return Refusal(field="address", reason="no_place", message="a place is required: lat and lon, or an address")
    if draft.accuracy_m is not None and not (0 <= draft.accuracy_m <= 100_000):
        return Refusal(field="accuracy_m", reason="bad_accuracy", message="accuracy_m must lie between 0 and 100000")
    return None


def _check_time(draft: Draft, now: datetime) -> Refusal | None:
    if draft.reported_at is not None and draft.reported_at > now + _AHEAD:
        return Refusal(
            field="reported_at",
            reason="in_the_future",
            value=draft.reported_at.isoformat(),
            message="reported_at lies in the future",
        )
    return None


def _is_new(draft: Draft, now: datetime) -> bool:
    """A category that was given up still takes the reports of its own time."""
    return draft.reported_at is None or now - draft.reported_at < timedelta(days=1)


def clean(text: str | None) -> str | None:
    """Free text as it is stored: NFC, no control characters save line breaks, no blank ends; nothing where empty."""
    if text is None:
        return None
    kept = nfc(text)
    if not kept.isprintable():
        kept = "".join(symbol for symbol in kept if symbol in "\n\t" or symbol.isprintable())
    return kept.strip() or None
