"""The gazetteer's tables: files in, each under its name and checksum; the compact copy made from what is there."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import shapely
from sqlalchemy import Connection

from database.errors import OperatorError
from database.reference import load_once
from database.sql import queries
from geo.gazetteer import compact, osm, shipped, stops, store
from geo.gazetteer.records import HouseNumber, Landmark, OtherName, Records, StreetLine
from geo.text import fold, nfc

Q = queries(Path(__file__).with_name("gazetteer.sql"))

ODBL = "ODbL 1.0, © OpenStreetMap contributors"
COMPACT = "compact"
_POSTS = {"pole": "cột điện", "km_post": "km"}  # kinds of a list, and how one of them is said
_AT_DOOR = "door"  # the detail of a house number that is the house itself
_VERSION = b"4"
"""Raised when the reading of files changes, so that the same files are loaded again."""

SHIPPED: tuple[tuple[str, Path, Callable[[Path], Records], str, date | None], ...] = (
    ("osm", shipped.EXTRACT, osm.read, ODBL, date(2026, 7, 31)),
    ("bus_stops", shipped.STOPS, stops.read, "public bus information; MIT", date(2025, 1, 1)),
    ("bus_paths", shipped.PATHS, stops.shipped_paths, "public bus information; MIT", date(2015, 1, 1)),
    ("street_renames", shipped.RENAMES, stops.renames, ODBL, date(2026, 7, 31)),
    ("osm_pois", shipped.POIS, stops.pois, ODBL, date(2026, 7, 31)),
)


class UnreadablePlaces(OperatorError):
    """A file of places that cannot be read."""


def load_reference(connection: Connection) -> bool:
    """Load the files that ship where they are not loaded, or changed; True if anything was done."""
    done = False
    for name, path, read, licence, as_of in SHIPPED:
        digest = hashlib.sha256(_VERSION + path.read_bytes()).hexdigest()
        done |= load_once(
            connection,
            f"gazetteer:{name}",
            digest,
            lambda c, name=name, path=path, read=read, licence=licence, as_of=as_of, digest=digest: put(  # type: ignore[misc]
                c, name, read(path), licence=licence, as_of=as_of, sha256=digest, shipped=True
            ),
        )
    return make_copy(connection) or done


def load_file(connection: Connection, path: Path) -> tuple[int, bool]:
    """An operator's own OpenStreetMap extract (.osm, .osm.pbf) or list (.csv), in place of what a file of the same name
    gave before; (entries, whether anything changed). The operator's extract takes the place of the shipped one.

    Raises UnreadablePlaces."""
    try:
        digest = hashlib.sha256(_VERSION + path.read_bytes()).hexdigest()
        extract = path.name.endswith((".osm", ".pbf", ".osm.bz2", ".osm.gz"))
        name = "osm" if extract else f"file:{path.name}"
        records = osm.read(path) if extract else read_csv(path)
    except OSError as error:
        raise UnreadablePlaces(f"{path}: {error.strerror}") from None
    except (RuntimeError, UnicodeDecodeError, csv.Error, ValueError, KeyError) as error:
        raise UnreadablePlaces(f"{path}: không đọc được (cannot be read): {error}") from None
    count = len(records.streets) + len(records.numbers) + len(records.landmarks) + len(records.other_names)
    if not count:
        raise UnreadablePlaces(f"{path}: không có tên hay số nhà nào (no name and no house number in it)")
    changed = load_once(
        connection,
        f"gazetteer:{name}",
        digest,
        lambda c: put(c, name, records, licence=ODBL if extract else "", as_of=None, sha256=digest, shipped=False),
    )
    if changed:
        make_copy(connection)
    return count, changed


def read_csv(path: Path) -> Records:
    """A list with the columns `name, lat, lon` and optionally `kind`, `street`.

    `kind`: `number` (name is the house number, of `street`), `pole` and `km_post` (name is what is written on it, of
    `street`), `former_name` (of what is `street` today), `junction`, `roundabout`, or any word for a place: bridge,
    market, school, clinic, bus_stop … Raises ValueError."""
    records = Records()
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = {"name", "lat", "lon"} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"thiếu cột (missing columns): {', '.join(sorted(missing))}")
        for row in reader:
            lon, lat = float(row["lon"]), float(row["lat"])
            if not (-180 <= lon <= 180 and -90 <= lat <= 90):
                raise ValueError(f"dòng {reader.line_num}: lon, lat")
            name, street, kind = nfc(row["name"]).strip(), nfc(row.get("street") or "").strip(), row.get("kind") or ""
            if kind == "number":
                records.numbers.append(
                    HouseNumber(number=name, street=street, lon=lon, lat=lat, weight=2.0, at_door=True)
                )
            elif kind in _POSTS and street:
                said = name if fold(name)[:2] == fold(_POSTS[kind])[:2] else f"{_POSTS[kind]} {name}"
                records.numbers.append(
                    HouseNumber(number=said, street=street, lon=lon, lat=lat, weight=0.0, at_door=True)
                )
            elif kind == "former_name":
                records.other_names.append(OtherName(name=name, now=street, lon=lon, lat=lat))
            elif name:
                records.landmarks.append(Landmark(name=name, kind=kind or "place", lon=lon, lat=lat))
    return records


def put(
    connection: Connection, name: str, records: Records, *, licence: str, as_of: date | None, sha256: str, shipped: bool
) -> None:
    """Put one source's entries in place of those it gave before."""
    connection.execute(Q["drop_source"], {"name": name})
    connection.execute(
        Q["note_source"], {"name": name, "licence": licence, "as_of": as_of, "sha256": sha256, "shipped": shipped}
    )
    connection.execute(Q["staging"])
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    with raw.cursor() as cursor, cursor.copy(Q.source("copy")) as copy:
        copy.set_types(["text", "text", "text[]", "text", "float4", "text", "bytea"])
        for row in _rows(records):
            copy.write_row(row)
    connection.execute(Q["take"], {"source": name})
    connection.execute(Q["statistics"])


def make_copy(connection: Connection) -> bool:
    """Make the compact copy where it is not that of the sources in the tables; True if it was made."""
    made_of = state(connection)
    if connection.execute(Q["made_of"], {"name": COMPACT}).scalar() == made_of:
        return False
    body = store.pack(compact.build(records(connection)))
    connection.execute(Q["keep_copy"], {"name": COMPACT, "made_of": made_of, "body": body})
    return True


def state(connection: Connection) -> str:
    """The digest of what is in the tables."""
    digest = hashlib.sha256(store.FORMAT.encode())
    for row in connection.execute(Q["sources"]):
        digest.update(f"{row.name} {row.sha256}\n".encode())
    return digest.hexdigest()


def records(connection: Connection) -> Records:
    """Everything in the tables."""
    result = Records()
    rows = connection.execute(Q["entries"]).all()
    shapes = shapely.from_wkb([row.geom for row in rows])
    ends = np.cumsum(shapely.get_num_coordinates(shapes)).tolist()
    all_lon, all_lat = shapely.get_coordinates(shapes).T
    lons, lats = all_lon.tolist(), all_lat.tolist()
    for row, end, begin in zip(rows, ends, [0, *ends[:-1]], strict=True):
        if row.kind == "street":
            lon, lat = all_lon[begin:end], all_lat[begin:end]
            names = (row.name, *row.others)
            result.streets.append(
                StreetLine(names=names, kind=row.detail, lon=lon, lat=lat, external_id=row.external_id)
            )
        elif row.kind == "number":
            result.numbers.append(
                HouseNumber(
                    number=row.name,
                    street=row.others[0] if row.others else "",
                    lon=lons[begin],
                    lat=lats[begin],
                    weight=row.size,
                    external_id=row.external_id,
                    at_door=row.detail == _AT_DOOR,
                )
            )
        elif row.kind == "landmark":
            result.landmarks.append(
                Landmark(
                    name=row.name,
                    kind=row.detail,
                    lon=lons[begin],
                    lat=lats[begin],
                    radius_m=row.size,
                    external_id=row.external_id,
                )
            )
        else:
            result.other_names.append(OtherName(name=row.name, now=row.others[0], lon=lons[begin], lat=lats[begin]))
    return result


def _rows(found: Records) -> Iterator[tuple[Any, ...]]:
    lines = shapely.linestrings(
        np.column_stack(
            [
                np.concatenate([street.lon for street in found.streets] or [np.zeros(0)]),
                np.concatenate([street.lat for street in found.streets] or [np.zeros(0)]),
            ]
        ),
        indices=np.repeat(np.arange(len(found.streets)), [len(street.lon) for street in found.streets]),
    )
    for street, line in zip(found.streets, _ewkb(lines), strict=True):
        yield "street", street.names[0], list(street.names[1:]), street.kind, 1.0, street.external_id, line
    for number, at in zip(found.numbers, _points(found.numbers), strict=True):
        others = [number.street] if number.street else []
        detail = _AT_DOOR if number.at_door else ""
        yield "number", number.number, others, detail, number.weight, number.external_id, at
    for landmark, at in zip(found.landmarks, _points(found.landmarks), strict=True):
        yield "landmark", landmark.name, [], landmark.kind, landmark.radius_m, landmark.external_id, at
    for other, at in zip(found.other_names, _points(found.other_names), strict=True):
        yield "other_name", other.name, [other.now], "", 1.0, "", at


def _points(several: Sequence[HouseNumber] | Sequence[Landmark] | Sequence[OtherName]) -> Iterator[bytes]:
    return _ewkb(shapely.points([one.lon for one in several], [one.lat for one in several]))


def _ewkb(shapes: Any) -> Iterator[bytes]:
    return iter(shapely.to_wkb(shapely.set_srid(shapes, 4326), include_srid=True))
