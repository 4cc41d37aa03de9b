"""Query parameters that several addresses share, read once: numbers, boxes, days, lists, areas."""

from __future__ import annotations

import math
from datetime import date, datetime
from urllib.parse import urlencode

from flask import request
from werkzeug.datastructures import MultiDict

from database import clock
from district_boundaries.areas import Area, AreaIndex
from incidents.public import Box
from webmap.problems import bad_request, unprocessable

Arguments = MultiDict[str, str]

DEFAULT_LIMIT = 100
MOST = 1000


def number(args: Arguments, name: str) -> float:
    """A finite number that must be given. Raises 400."""
    text = args.get(name, "").strip()
    if not text:
        raise bad_request(name, "is required")
    try:
        value = float(text)
    except ValueError:
        raise bad_request(name, f"{text[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise bad_request(name, "must be a finite number")
    return value


def position(args: Arguments) -> tuple[float, float]:
    """lon, lat from `lat` and `lon`. Raises 400 where they are no coordinates."""
    lat, lon = number(args, "lat"), number(args, "lon")
    if abs(lat) > 90:
        raise bad_request("lat", "must lie within ±90; lat and lon may be swapped")
    if abs(lon) > 180:
        raise bad_request("lon", "must lie within ±180")
    return lon, lat


def limit(args: Arguments, default: int = DEFAULT_LIMIT) -> int:
    """1 to 1,000; a larger one is taken as 1,000. Raises 400 on anything else."""
    text = args.get("limit", "").strip()
    if not text:
        return default
    if not text.isdecimal() or not text.isascii() or int(text) < 1:
        raise bad_request("limit", "must be a whole number from 1 to 1000")
    return min(int(text), MOST)


def day(args: Arguments, name: str = "on") -> date:
    """A day in the city's time, today by default. Raises 400."""
    text = args.get(name, "").strip()
    if not text:
        return clock.local(clock.now()).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad_request(name, "must be a day like 2024-06-01") from None


def moment(args: Arguments, name: str) -> datetime | None:
    """A day (its beginning in the city's time) or an instant with offset. Raises 400."""
    text = args.get(name, "").strip()
    if not text:
        return None
    try:
        return clock.moment(text)
    except clock.NoOffset:
        raise bad_request(name, "an instant needs an offset, such as +07:00 or Z") from None
    except ValueError:
        raise bad_request(
            name, "must be a day (2024-06-01) or an instant with offset (2024-06-01T07:00:00+07:00)"
        ) from None


def words(args: Arguments, name: str, known: set[str] | frozenset[str] | None = None) -> list[str] | None:
    """A comma-separated list, None where it is not given. Raises 400 on a word that is not `known`."""
    if name not in args:
        return None
    given = [word.strip() for value in args.getlist(name) for word in value.split(",") if word.strip()]
    for word in given:
        if known is not None and word not in known:
            raise bad_request(name, f"{word[:40]!r} is none of {', '.join(sorted(known))}")
    return given


def box(args: Arguments) -> Box | None:
    """`bbox=west,south,east,north` in degrees. Raises 400."""
    text = args.get("bbox", "").strip()
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise bad_request("bbox", "must be four numbers: west,south,east,north") from None
    if not all(map(math.isfinite, (west, south, east, north))):
        raise bad_request("bbox", "must be four finite numbers")
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise bad_request("bbox", "must be west,south,east,north with west ≤ east and south ≤ north, in degrees")
    return Box(west=west, south=south, east=east, north=north)


def next_page(cursor: object) -> str:
    """The address of this list's next page: the same question, from `cursor` on."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f"{request.path}?{urlencode([*asked, ('cursor', str(cursor))])}"


def area(args: Arguments, index: AreaIndex) -> Area | None:
    """`area=CODE` or `level:CODE`, as of `on` or in force today, else the last that bore it. Raises 422."""
    text = args.get("area", "").strip()
    if not text:
        return None
    level, _, code = text.rpartition(":")
    found = index.by_code(code, level or None, day(args) if "on" in args else None)
    if found is None:
        raise unprocessable("area", f"there is no area {text[:40]!r}")
    return found
