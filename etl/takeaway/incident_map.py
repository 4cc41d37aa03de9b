"""The incidents of a view as a folium map: a layer for each kind, popups, a legend, a slider over their time."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import folium
from sqlalchemy import Connection, Row

from database import clock
from district_boundaries.areas import AreaIndex
from etl.takeaway import basemap
from etl.takeaway.page import Raw, page, script_safe
from etl.takeaway.selection import Found, Selection
from etl.takeaway.words import WORDS
from incidents.public import HEROES, STATES, Box
from incidents.reference import Reference
from incidents.workflow import state

HERE = Path(__file__).parent
CITY = Box(west=106.36, south=10.37, east=107.03, north=11.16)
_COLOURS = {"tree": "#00857C", "subsidence": "#BD5B00", "construction": "#7A35B8"}
_OTHER = "#30455A"
"""as --tree, --subsidence, --construction, --other of the site's tokens"""


def incident_map(
    connection: Connection, known: Reference, index: AreaIndex, selection: Selection, found: Found, *, lang: str = "vi"
) -> str:
    """The whole page. `found` is what `selection.find` answered to `selection`; `lang` is vi or en."""
    words = WORDS[lang]
    box = frame(selection, found, index)
    map_ = folium.Map(tiles=None, prefer_canvas=True, zoom_control=True, zoom_snap=0.25, max_zoom=19, min_zoom=8)
    map_.fit_bounds([[box.south, box.west], [box.north, box.east]])
    basemap.lay(map_, connection, _around(box, found), words)
    kinds = kinds_of(found, known, lang, words)
    groups = {}
    for kind in kinds:
        group = folium.FeatureGroup(name=f"{kind['name']} ({number(kind['n'], lang)})")
        group.add_to(map_)
        groups[kind["code"]] = group
    folium.LayerControl(collapsed=False, position="topright").add_to(map_)
    data = {
        "lang": lang,
        "kinds": kinds,
        "groups": [groups[kind["code"]].get_name() for kind in kinds],
        "states": list(STATES),
        "rows": _rows(found, kinds, known, index, lang),
        "words": words,
        "title": title(selection, words),
        "left": words["left_out"].format(n=number(len(found.rows), lang), left=number(found.left_out, lang))
        if found.left_out
        else "",
        "made": words["made"].format(at=moment(found.at)),
        "demo": any(row.demo for row in found.rows),
        "filters": filters(selection, known, lang, words),
    }
    map_.add_child(_Incidents(data))
    styles = (HERE / "incidents.css").read_text(encoding="utf-8")
    return page(map_, title=f"{data['title']} – {words['title']}", lang=lang, styles=styles)


class _Incidents(folium.MacroElement):
    """The rows and the script that draws them onto folium's map and groups."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Incidents"
        self.data = data

    def render(self, **_: Any) -> str:
        """Into the page's script, below what folium wrote for the map and the groups."""
        assert self._parent is not None
        map_, groups = self._parent.get_name(), ", ".join(self.data["groups"])
        script = (HERE / "incidents.js").read_text(encoding="utf-8")
        data = script_safe(json.dumps(self.data, ensure_ascii=False, separators=(",", ":")))
        figure: Any = self.get_root()
        figure.script.add_child(Raw(f"{script}\nincidents({map_}, [{groups}], {data});"), name=self.get_name())
        return ""


def frame(selection: Selection, found: Found, index: AreaIndex) -> Box:
    """What the file opens on: the view that was taken, else the area, else what was found, else the city."""
    if selection.box is not None:
        return selection.box
    if selection.area is not None and selection.area.level != "city":
        west, south, east, north = index.geometry(selection.area.id).bounds
        return Box(west=west, south=south, east=east, north=north)
    if selection.area is None and 0 < len(found.rows) < 200:
        lons, lats = [row.lon for row in found.rows], [row.lat for row in found.rows]
        return Box(west=min(lons) - 0.01, south=min(lats) - 0.01, east=max(lons) + 0.01, north=max(lats) + 0.01)
    return CITY


def _around(box: Box, found: Found) -> Box:
    """The box with every row in it: a cluster's members may stand outside the view that its disc is in."""
    lons, lats = [row.lon for row in found.rows], [row.lat for row in found.rows]
    return Box(
        west=min([box.west, *lons]), south=min([box.south, *lats]),
        east=max([box.east, *lons]), north=max([box.north, *lats]),
    )  # fmt: skip


def kinds_of(found: Found, known: Reference, lang: str, words: dict[str, str]) -> list[dict[str, Any]]:
    """The map's symbols that occur, heroes first, then fields in their order, with how many there are of each."""
    fields = {field.code: field.name[lang] for field in known.fields}
    counted: dict[str, int] = {}
    for row in found.rows:
        counted[row.kind] = counted.get(row.kind, 0) + 1
    order = [kind for kind in (*HEROES, *fields, "other") if kind in counted]
    return [
        {"code": kind, "name": words[kind] if kind in words else fields[kind], "n": counted[kind],
         "colour": _COLOURS.get(kind, _OTHER)}
        for kind in order
    ]  # fmt: skip


def _rows(found: Found, kinds: list[dict[str, Any]], known: Reference, index: AreaIndex, lang: str) -> list[list[Any]]:
    """kind, state, lon, lat, reported (s since 1970), code, what, where, reports, due, unit: what the popups say."""
    words = WORDS[lang]
    numbers = {kind["code"]: number for number, kind in enumerate(kinds)}
    rows = []
    for row in found.rows:
        category = known.categories.get(row.category) if row.category else None
        unit = known.units[row.unit_id]
        rows.append(
            [
                numbers[row.kind],
                STATES.index(state(row.status, row.due_at, found.at)),
                round(row.lon, 6),
                round(row.lat, 6),
                int(row.opened_at.timestamp()),
                row.code,
                category.name[lang] if category else words["unclassified"],
                _where(row, index, words),
                row.reports,
                moment(row.due_at) if row.due_at else "",
                unit.name[lang] or unit.name["vi"],
            ]
        )
    return rows


def _where(row: Row[Any], index: AreaIndex, words: dict[str, str]) -> str:
    area = index.area(row.ward_id or row.district_id).name if row.ward_id or row.district_id else ""
    street = "" if row.precision in ("ward", "district") else row.place
    said = " · ".join(part for part in (street, area) if part) or words["unknown_place"]
    if row.accuracy_m and row.accuracy_m > 50:
        said += f" ({words['about'].format(m=round(row.accuracy_m))})"
    return said


def title(selection: Selection, words: dict[str, str]) -> str:
    """The place that was chosen."""
    return selection.area.name if selection.area is not None and selection.area.level != "city" else words["whole"]


def filters(selection: Selection, known: Reference, lang: str, words: dict[str, str]) -> str:
    """The filters in words, as the page's switches say them."""
    fields = {field.code: field.name[lang] for field in known.fields}
    parts = [words["all"] if selection.kinds is None else ", ".join(words.get(k) or fields[k] for k in selection.kinds)]
    if selection.categories is not None:
        parts.append(", ".join(known.categories[code].name[lang] for code in selection.categories))
    if selection.states is not None:
        parts.append(", ".join(words[each] for each in selection.states))
    if selection.since or selection.until:
        parts.append(" – ".join(moment(at) if at else "…" for at in (selection.since, selection.until)))
    return " · ".join(part for part in parts if part)


def moment(at: datetime) -> str:
    """In the city's time."""
    return clock.local(at).strftime("%H:%M %d/%m/%Y")


def number(value: int, lang: str) -> str:
    """As people of the language write it."""
    return f"{value:,}".replace(",", "." if lang == "vi" else ",")
