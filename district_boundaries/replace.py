"""An operator's areas put in force: beside what there is, or in place of all of their level within their days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from database.sql import queries
from district_boundaries import areas, outlines
from district_boundaries.areas import AreaIndex
from district_boundaries.errors import AreasInTheWay
from district_boundaries.files import SLIVER_M2
from district_boundaries.load import make_incoming
from district_boundaries.locate import Located, locate
from district_boundaries.rows import AreaRow
from geo.crs import to_metres

Q = queries(__file__)
_BATCH = 50_000

AFTER_CHANGE: list[Callable[[Connection], object]] = []
"""What other packages have to do in the same transaction once areas changed, such as the read models of today."""

WHAT_IF: list[Callable[[Connection], Callable[[], str]]] = []
"""What other packages say of a dry run: asked before the change, what they give is called after it for a line."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a load did, or would do."""

    added: int
    replaced: int  # areas that are out of force now
    unchanged: bool = False  # the file's areas are in force already


def put_in_force(connection: Connection, rows: Sequence[AreaRow], *, replace: bool) -> Change:
    """Store areas of one level and span (the caller's transaction). Raises AreasInTheWay without `replace`.

    With `replace` everything of the level within the span gives way, also what the new areas do not cover; its days
    before and after the span stay in force. The same areas again change nothing.
    """
    first = rows[0]
    span = {"valid_from": first.valid_from, "valid_until": _after(first.valid_to)}
    there = connection.execute(Q["in_the_way"], {"level": first.level, "field": first.field, **span}).all()
    if _same(there, rows):
        return Change(added=0, replaced=0, unchanged=True)
    ids: list[int] = []
    if replace:
        ids = [row.id for row in there]
        for step in ("retire", "keep_before", "keep_after"):
            connection.execute(Q[step], {"ids": ids, **span} if step != "retire" else {"ids": ids})
    else:
        _refuse(there, rows)
    make_incoming(connection, rows)
    connection.execute(Q["insert_loaded"])
    connection.execute(Q["note_loaded"])
    if first.level in ("ward", "district"):
        outlines.refresh(connection)
    for follow in AFTER_CHANGE:
        follow(connection)
    return Change(added=len(rows), replaced=len(ids))


def reports_elsewhere(connection: Connection, before: AreaIndex, rows: Sequence[AreaRow]) -> tuple[int, int]:
    """How many reports of the rows' days there are, and how many would lie in another area of the rows' level than by
    `before`; asked after `put_in_force`, in the same transaction."""
    after = areas.read(connection)
    first = rows[0]
    total = moved = 0
    found = connection.execution_options(stream_results=True, yield_per=_BATCH).execute(
        Q["reports_within"], {"since": first.valid_from, "until": _after(first.valid_to)}
    )
    for batch in found.partitions():
        lon, lat = np.array([row.lon for row in batch]), np.array([row.lat for row in batch])
        days = [row.day for row in batch]
        old = _of_level(before, locate(before, lon, lat, days), first)
        new = _of_level(after, locate(after, lon, lat, days), first)
        total += len(batch)
        moved += sum(a != b for a, b in zip(old, new, strict=True))
    return total, moved


def _of_level(index: AreaIndex, located: Located, row: AreaRow) -> list[tuple[str, str] | None]:
    if row.level == "zone":
        ids = located.zone_ids[:, index.fields.index(row.field)]
    else:
        ids = located.ward_id if row.level == "ward" else located.district_id
    return [(index.area(id).code, index.area(id).name) if id else None for id in ids.tolist()]


def _same(there: Sequence[Any], rows: Sequence[AreaRow]) -> bool:
    """Whether exactly these areas are in force, with these lines and days."""
    if len(there) != len(rows):
        return False
    return all(
        (old.code, old.name, old.valid_from, old.valid_until)
        == (new.code, new.name, new.valid_from, _after(new.valid_to))
        and bytes(old.geom) == shapely.to_wkb(new.geometry)
        for old, new in zip(there, rows, strict=True)
    )


def _refuse(there: Sequence[Any], rows: Sequence[AreaRow]) -> None:
    """Raise where an area in force shares days and more ground than a sliver, or a code, with a new one."""
    codes = {row.code for row in rows}
    in_the_way = [old.name for old in there if old.code in codes]
    if there:
        old_shapes = _metres([shapely.from_wkb(bytes(old.geom)) for old in there])
        new_shapes = _metres([row.geometry for row in rows])
        new, old = shapely.STRtree(old_shapes).query(new_shapes, predicate="intersects")
        shared = shapely.area(shapely.intersection(new_shapes[new], old_shapes[old])) >= SLIVER_M2
        in_the_way += [there[k].name for k in np.unique(old[shared]).tolist()]
    names = list(dict.fromkeys(in_the_way))
    if names:
        shown = ", ".join(names[:5]) + (f", … ({len(names)})" if len(names) > 5 else "")
        raise AreasInTheWay(
            "Đã có vùng cùng cấp trong thời gian này, dùng --replace để thay (areas of this level are in force in "
            f"these days, --replace puts the file in their place): {shown}"
        )


def _metres(shapes: Sequence[Any]) -> Any:
    flat = np.empty(len(shapes), dtype=object)
    flat[:] = shapes
    return shapely.transform(flat, lambda xy: np.column_stack(to_metres(xy[:, 0], xy[:, 1])))


def _after(last: date | None) -> date | None:
    return last + timedelta(days=1) if last else None
