"""The public read model: what anybody may see of a report, and the shape in which interfaces hand it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row

from database import clock
from database.sql import queries
from district_boundaries import areas
from district_boundaries.areas import AreaIndex
from district_boundaries.locate import locate
from geo import cells
from incidents import reference
from incidents.reference import Reference
from incidents.routing import zone_unit
from incidents.workflow import GONE

Q = queries(Path(__file__).with_name("public.sql"))

STATES = ("new", "progress", "late", "resolved")
HEROES = ("tree", "subsidence", "construction")
_REFRESH_BATCH = 50_000


@dataclass(frozen=True, kw_only=True)
class Box:
    """A bounding box in WGS 84 degrees."""

    west: float
    south: float
    east: float
    north: float


_NO_BOX: dict[str, float | None] = {"west": None, "south": None, "east": None, "north": None}


def box_parameters(box: Box | None) -> dict[str, float | None]:
    return {**_NO_BOX} if box is None else {"west": box.west, "south": box.south, "east": box.east, "north": box.north}


def cell_parameters(zoom: int | None) -> dict[str, int | None]:
    """How the list counts what the map shows at a tile zoom: the level of its cells and the most that stand apart in
    one. None: each incident stands for itself."""
    if zoom is None:
        return {"level": None, "apart": None}
    return {"level": cells.level(min(zoom, cells.FINEST_TILES)), "apart": cells.apart(zoom)}


def last_sealed(connection: Connection) -> int:
    """The number of the record's last sealed event."""
    return int(connection.execute(Q["last_sealed"]).scalar_one())


def documents(connection: Connection, report_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The public JSON of reports by id, without steps and photos; `{code, gone: true}` for those withdrawn.
    Ids that the public never saw are left out."""
    rows = connection.execute(Q["reports_by_id"], {"ids": list(report_ids)}).all()
    known, index = reference.current_with_areas(connection)
    return {
        row.id: {"code": row.code, "gone": True} if row.status in GONE else document(row, known, index) for row in rows
    }


def document(row: Row[Any], known: Reference, index: AreaIndex) -> dict[str, Any]:
    """One report as GET /api/v1/reports/{code} gives it, without steps and photos. Times as RFC 3339."""
    return {
        "code": row.code,
        "url": f"/r/{row.code}",
        "status": row.status,
        "category": row.category,
        "field": row.field,
        "channel": row.channel,
        "reported_at": instant(row.reported_at),
        "updated_at": instant(row.updated_at),
        "location": location(row),
        "ward": area(index, row.ward_id),
        "district": area(index, row.district_id),
        "zones": zones(index, known, row.zone_ids, row.reported_at),
        "unit": unit(known, row.unit_id),
        "due_at": instant(row.due_at),
        "place": row.place,
        "description": row.description,
        "demo": row.demo,
        "incident": {"code": row.incident_code, "reports": row.reports},
    }


def steps_and_photos(row: Row[Any], known: Reference) -> dict[str, Any]:
    """What a report's own page and address show besides: its steps, oldest first, and its released photos."""
    return {
        "steps": [
            {
                "at": instant(datetime.fromisoformat(step["at"])),
                "status": step["status"],
                "text": step_text(step, known),
            }
            for step in row.steps
        ],
        "photos": [
            {**photo, "url": f"/photos/{photo['sha256']}.jpg", "thumbnail": f"/photos/{photo['sha256']}-s.jpg"}
            for photo in row.photos
        ],
    }


STEP_WORDS = {
    "received": ("Đã tiếp nhận", "Received"),
    "classified": ("Đã phân loại, chờ chuyển đơn vị", "Classified, waiting to be forwarded"),
    "assigned": ("Đã chuyển đến {unit}", "Forwarded to {unit}"),
    "accepted": ("{unit} đã nhận việc", "{unit} accepted it"),
    "in_progress": ("{unit} đang xử lý", "{unit} is working on it"),
    "resolved": ("{unit} báo đã xử lý xong", "{unit} says it is done"),
    "closed": ("Đã đóng", "Closed"),
    "returned": ("{unit} trả lại: không thuộc phạm vi", "{unit} gave it back: not theirs"),
    "merged": ("Đã gộp vào sự cố khác", "Joined to another incident"),
    "rejected": ("Không xử lý", "Not acted on"),
    "withdrawn": ("Người báo đã rút lại", "Withdrawn by its reporter"),
    "reopened": ("Đã mở lại", "Reopened"),
}


def step_text(step: Mapping[str, Any], known: Reference) -> dict[str, str]:
    """A step in words, in both languages."""
    if "moved" in step:
        metres = step.get("metres")
        if metres is None:
            return {"vi": "Đã xác định vị trí", "en": "Its place was found"}
        return {"vi": f"Sửa vị trí, cách chỗ cũ {metres} m", "en": f"Place corrected, {metres} m from the former one"}
    vi, en = STEP_WORDS[step["status"]]
    by = known.unit_by_code.get(step.get("unit") or "")
    return {
        "vi": vi.format(unit=by.name["vi"] if by else "đơn vị phụ trách"),
        "en": en.format(unit=(by.name["en"] or by.name["vi"]) if by else "the unit in charge"),
    }


def instant(at: datetime | None) -> str | None:
    """RFC 3339 in the city's time; None stays None."""
    return None if at is None else clock.local(at).isoformat(timespec="seconds")


def location(row: Row[Any]) -> dict[str, Any] | None:
    """Where a report lies, `lat, lon` in degrees and how well it is known; None where it has no place."""
    if row.lon is None:
        return None
    return {
        "lat": row.lat,
        "lon": row.lon,
        "precision": row.precision,
        "accuracy_m": row.accuracy_m,
        "confidence": row.confidence,
        "source": row.place_source,
    }


def area(index: AreaIndex, area_id: int | None) -> dict[str, Any] | None:
    """An area by its id, as /api/v1/locate describes it."""
    if not area_id:
        return None
    found = index.area(area_id)
    return {
        "code": found.code,
        "name": found.name,
        "level_name": found.level_name,
        "valid_from": found.valid_from.isoformat() if found.valid_from else None,
        "valid_to": found.valid_to.isoformat() if found.valid_to else None,
    }


def unit(known: Reference, unit_id: int) -> dict[str, str]:
    found = known.units[unit_id]
    return {"code": found.code, "name": found.name["vi"]}


def zones(index: AreaIndex, known: Reference, zone_ids: Iterable[int], at: datetime) -> list[dict[str, Any]]:
    """The zone of each field, each with the unit that answers for it."""
    day = clock.local(at).date()
    described = []
    for zone_id in zone_ids:
        if not zone_id:
            continue
        zone = index.area(zone_id)
        by = zone_unit(known, zone_id, day)
        described.append(
            {
                "field": zone.field,
                "code": zone.code,
                "name": zone.name,
                "unit": {"code": by.code, "name": by.name["vi"]} if by else None,
            }
        )
    return described


def refresh_areas_of_today(connection: Connection) -> int:
    """Lay every public report into the areas in force today again, after boundaries changed; how many there were."""
    index = areas.current(connection)
    today = clock.local(clock.now()).date()
    after = done = 0
    while rows := connection.execute(Q["all_places"], {"after": after, "limit": _REFRESH_BATCH}).all():
        found = locate(index, np.array([row.lon for row in rows]), np.array([row.lat for row in rows]), today)
        connection.execute(
            Q["refresh_areas_of_today"],
            {
                "ids": [row.id for row in rows],
                "ward_ids": [int(each) or None for each in found.ward_id],
                "district_ids": [int(each) or None for each in found.district_id],
            },
        )
        after, done = rows[-1].id, done + len(rows)
    connection.execute(Q["refresh_incidents_of_today"])
    return done
