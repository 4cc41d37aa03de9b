"""What a dry run would do, on a map: one HTML file with the rows that would be added, refused, or said twice.

It holds places, lines and reasons, no texts and no people, so that it may be shown around.
"""

from __future__ import annotations

import html
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection

from etl.columns import Layout, text
from etl.errors import UnreadableFile
from etl.landing import Landed, Outcome
from etl.readers import Batch
from etl.translate import number
from etl.twins import Twins
from incidents.errors import Refusal

MOST = 5_000
"""Points of one kind; a file of more shows the first ones and says so."""
_GEOCODED = 1_000
KINDS = {
    "added": ("Sẽ nhận", "would be added", "#00857C"),
    "updated": ("Sẽ cập nhật", "would be taken over", "#0B5CAD"),
    "unchanged": ("Đã có", "there already", "#818892"),
    "twin": ("Giống nội dung, khác mã", "same content, another id", "#B97E00"),
    "rejected": ("Bị từ chối", "would be rejected", "#B3261E"),
}
_AROUND = (105.0, 9.0, 108.5, 12.5)


class Drawn:
    """Hears what would become of each row, and draws it."""

    def __init__(self, layout: Layout, twins: Twins | None) -> None:
        self._layout, self._twins = layout, twins
        self.points: dict[str, list[tuple[float, float, int, str]]] = {kind: [] for kind in KINDS}
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.placeless = 0
        """rows that bring no coordinates and whose address was not looked up"""
        self._addresses: list[tuple[str, int, str, str]] = []

    def __call__(self, batch: Batch, outcomes: Sequence[Outcome]) -> None:
        rows = batch.rows if batch.meant is None else batch.meant
        for line, row, outcome in zip(batch.lines, rows, outcomes, strict=True):
            refused = isinstance(outcome, Refusal)
            said_twice = self._twins is not None and line in self._twins.lines
            kind = "twin" if said_twice else "rejected" if refused else _of(outcome)
            why = outcome.reason if isinstance(outcome, Refusal) else ""
            self.counts[kind] += 1
            if why:
                self.reasons[why] += 1
            if len(row) < self._layout.width:
                self.placeless += 1
                continue
            self._take(kind, line, why, self._layout.cells(row))

    def _take(self, kind: str, line: int, why: str, cells: Mapping[str, object]) -> None:
        lon, lat = number(cells.get("lon")), number(cells.get("lat"))
        if math.isfinite(lon) and math.isfinite(lat):
            if len(self.points[kind]) < MOST:
                self.points[kind].append((lon, lat, line, why))
        elif len(self._addresses) < _GEOCODED and (address := text(cells.get("address"))):
            self._addresses.append((kind, line, why, address))
        else:
            self.placeless += 1

    def write(self, path: Path, connection: Connection, title: str, summary: str) -> None:
        """The page. Raises UnreadableFile."""
        self._geocode(connection)
        try:
            path.write_text(self._page(connection, title, summary), encoding="utf-8")
        except OSError as error:
            raise UnreadableFile(f"{path}: {error.strerror or error}") from error

    def _geocode(self, connection: Connection) -> None:
        if not self._addresses:
            return
        from database.clock import local, now
        from district_boundaries.area_names import area_names
        from geo.geocoder import geocode

        found = geocode(
            [each[3] for each in self._addresses], area_names(connection), on=local(now()).date(), limit=1
        )  # fmt: skip
        for (kind, line, why, _), places in zip(self._addresses, found, strict=True):
            if places:
                self.points[kind].append((places[0].lon, places[0].lat, line, why))
            else:
                self.placeless += 1
        self._addresses = []

    def _page(self, connection: Connection, title: str, summary: str) -> str:
        import folium

        from etl.takeaway import basemap
        from etl.takeaway.page import Raw, page
        from etl.takeaway.words import WORDS
        from incidents.public import Box

        near = {kind: [p for p in points if _near(p)] for kind, points in self.points.items()}
        every = [point for points in near.values() for point in points]
        lonlat = np.array([each[:2] for each in every]) if every else np.array([(106.36, 10.37), (107.03, 11.16)])
        (west, south), (east, north) = np.percentile(lonlat, 1, axis=0) - 0.01, np.percentile(lonlat, 99, axis=0) + 0.01
        box = Box(west=float(west), south=float(south), east=float(east), north=float(north))
        map_ = folium.Map(tiles=None, prefer_canvas=True, zoom_snap=0.25, max_zoom=19, min_zoom=5)
        map_.fit_bounds([[box.south, box.west], [box.north, box.east]])
        basemap.lay(map_, connection, box, WORDS["vi"])
        for kind, (vi, en, colour) in KINDS.items():
            group = folium.FeatureGroup(name=f"{vi} ({en}): {self.counts[kind]:,}")
            _marks(near[kind], vi, en, colour).add_to(group)
            group.add_to(map_)
        folium.LayerControl(collapsed=False, position="topright").add_to(map_)
        far = sum(len(self.points[kind]) - len(near[kind]) for kind in KINDS)
        root: Any = map_.get_root()
        root.html.add_child(Raw(self._panel(title, summary, far)), name="panel")
        here = Path(__file__).parent
        styles = (here / "takeaway" / "incidents.css").read_text(encoding="utf-8")
        styles += (here / "hotspots" / "webpage.css").read_text(encoding="utf-8")
        styles += "".join(f".swatch.{kind} {{ background: {colour}; }}\n" for kind, (_, _, colour) in KINDS.items())
        return page(map_, title=f"{title} – 1022", lang="vi", styles=styles)

    def _panel(self, title: str, summary: str, far: int) -> str:
        rows = "".join(
            f'<li><i class="swatch {kind}"></i>{vi} ({en}) <b>{self.counts[kind]:,}</b></li>'
            for kind, (vi, en, _) in KINDS.items()
            if self.counts[kind]
        )
        why = "".join(f"<li>{html.escape(reason)} <b>{n:,}</b></li>" for reason, n in self.reasons.most_common())
        notes = [
            f"{self.placeless:,} dòng không có toạ độ đọc được (rows without readable coordinates)."
            if self.placeless else "",
            f"{far:,} điểm ở xa thành phố không vẽ (points far from the city are not drawn)." if far else "",
            *(f"{vi}: chỉ vẽ {MOST:,} dòng đầu (the first ones only)." for kind, (vi, _, _) in KINDS.items()
              if len(self.points[kind]) >= MOST),
        ]  # fmt: skip
        said = "".join(f"<p class=caution>{html.escape(note)}</p>" for note in notes if note)
        return (
            f'<section class="taken reading" aria-label="{html.escape(title)}"><details open><summary>Chạy thử (dry '
            f"run): {html.escape(title)}</summary><p class=sentence>{html.escape(summary)}</p><ul>{rows}</ul>"
            f"<ul>{why}</ul>{said}</details></section>"
        )


def _marks(points: Sequence[tuple[float, float, int, str]], vi: str, en: str, colour: str) -> Any:
    import folium

    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]},
            "properties": {"line": line, "why": why or f"{vi} ({en})"},
        }
        for lon, lat, line, why in points
    ]
    marker = folium.CircleMarker(radius=5, color="#FFFFFF", weight=1, fill=True, fill_color=colour, fill_opacity=0.85)
    popup = folium.GeoJsonPopup(fields=["line", "why"], aliases=["Dòng (line)", ""]) if features else None
    return folium.GeoJson({"type": "FeatureCollection", "features": features}, marker=marker, popup=popup)


def _of(outcome: Outcome) -> str:
    return outcome.value if isinstance(outcome, Landed) else "rejected"


def _near(point: tuple[float, float, int, str]) -> bool:
    west, south, east, north = _AROUND
    return west <= point[0] <= east and south <= point[1] <= north
