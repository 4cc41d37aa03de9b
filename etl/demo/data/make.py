"""Make `street_points.parquet`: where a demo report may lie. Run by hand when the sources change:

    python etl/demo/data/make.py

Every point is on a street that is neither
bridge nor tunnel, or, in wards whose streets are hardly known, on land; each at least 150 m inside the city, so that
a point moved by a few metres stays in it. The same files give the same points.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

PROJECT = Path(__file__).resolve().parents[3]
GROUND, BOUNDARIES = PROJECT / "geo/data", PROJECT / "district_boundaries/data"
METRES = 9210  # the city's own grid, VN-2000 / TM-3 105°45'
STEP = 110.0  # metres between two points of one street
INSIDE = 150.0  # metres that every point keeps from the city's outline
ENOUGH_PER_KM2 = 4.0  # below this many street points a ward is filled up with points on land
STREETS = ("trunk", "primary", "secondary", "tertiary", "residential", "unclassified", "living_street")
WATER_SIDE = 120.0  # metres kept from the middle line of a river


def street_points() -> gpd.GeoDataFrame:
    """Points every STEP metres along the named streets of an OpenStreetMap extract, with the street's name."""
    lines = gpd.read_file(
        GROUND / "hcm_2018_2026.osm.pbf",
        layer="lines",
        columns=["name", "highway", "other_tags"],
        where="name IS NOT NULL",
    )
    tags = lines.other_tags.fillna("")
    plain = ~tags.str.contains('"bridge"=>"(?!no)') & ~tags.str.contains('"tunnel"=>"(?!no)')
    lines = lines[lines.highway.isin(STREETS) & plain & (lines.name.str.len() > 3)].to_crs(METRES)
    counts = np.maximum(1, np.round(lines.length.to_numpy() / STEP).astype(int))
    which = np.repeat(np.arange(len(lines)), counts)
    order = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = (order + 0.5) / counts[which]
    geometry = shapely.line_interpolate_point(lines.geometry.to_numpy()[which], share, normalized=True)
    names = lines.name.str.replace("Ð", "Đ").str.normalize("NFC").str.strip().to_numpy()[which]
    return gpd.GeoDataFrame({"street": names}, geometry=geometry, crs=METRES)


def water() -> shapely.Geometry:
    """Lakes, and rivers widened by WATER_SIDE on each side."""
    basemap, osm = GROUND / "basemap_2026.gpkg", GROUND / "hcm_2018_2026.osm.pbf"
    lakes = gpd.read_file(basemap, layer="lakes").to_crs(METRES).geometry
    rivers = gpd.read_file(basemap, layer="rivers").to_crs(METRES).buffer(WATER_SIDE)
    natural = gpd.read_file(osm, layer="multipolygons", columns=["natural"], where="natural = 'water'").to_crs(METRES)
    return shapely.union_all(np.concatenate([lakes.make_valid(), rivers, natural.make_valid()]))


def fill(ward: shapely.Geometry, wet: shapely.Geometry, count: int, seed: int) -> np.ndarray:
    """`count` points spread over the land of `ward`."""
    land = shapely.difference(ward, wet)
    if land.is_empty:
        return np.empty(0, dtype=object)
    random = np.random.default_rng(seed)
    west, south, east, north = land.bounds
    shapely.prepare(land)
    found: list[np.ndarray] = []
    while sum(map(len, found)) < count:
        x, y = random.uniform(west, east, 4 * count), random.uniform(south, north, 4 * count)
        found.append(np.asarray(shapely.points(x, y))[shapely.contains_xy(land, x, y)])
    return np.concatenate(found)[:count]


def former_ward(points: gpd.GeoDataFrame) -> np.ndarray:
    """The former ward of each point: of those that went into its ward, the one whose centre is nearest."""
    old = pd.read_csv(BOUNDARIES / "wards_until_2025-06-30.csv", dtype=str)
    centres = gpd.GeoSeries(gpd.points_from_xy(old.lon.astype(float), old.lat.astype(float)), crs=4326).to_crs(METRES)
    place = dict(zip(old.code, centres, strict=True))
    links = pd.read_csv(BOUNDARIES / "ward_crosswalk_2025.csv", dtype=str)
    answer = np.full(len(points), "", dtype=object)
    for code, rows in links.groupby("new_code"):
        known = [c for c in rows.old_code.unique() if c in place]
        here = np.flatnonzero(points.ward.to_numpy() == code)
        if known and len(here):
            centre = np.array([[place[c].x, place[c].y] for c in known])
            xy = shapely.get_coordinates(points.geometry.to_numpy()[here])
            answer[here] = np.array(known, dtype=object)[((xy[:, None] - centre[None]) ** 2).sum(2).argmin(1)]
    return answer


def main() -> None:
    wards = gpd.read_file(BOUNDARIES / "wards_2025-07-01.gpkg").to_crs(METRES)[["code", "geometry"]]
    inner = wards.assign(
        geometry=shapely.buffer(
            shapely.intersection(wards.geometry.to_numpy(), shapely.buffer(wards.union_all(), -INSIDE)), -8
        )
    )
    points = street_points()
    points = gpd.sjoin(points, inner, predicate="within").rename(columns={"code": "ward"})
    points = points[["street", "ward", "geometry"]]
    wet = water()
    counts = points.ward.value_counts()
    extra = []
    for number, (code, land) in enumerate(zip(inner.code, inner.geometry, strict=True)):
        missing = int(max(60, ENOUGH_PER_KM2 * land.area / 1e6) - counts.get(code, 0))
        if missing > 0:
            geometry = fill(land, wet, missing, number)
            columns = {"street": [""] * len(geometry), "ward": code}
            extra.append(gpd.GeoDataFrame(columns, geometry=geometry, crs=METRES))
    points = pd.concat([points, *extra], ignore_index=True)
    points["former_ward"] = former_ward(points)
    # Neighbours lie side by side in the file, which packs better and is the same every time.
    degrees = points.to_crs(4326)
    table = pd.DataFrame(
        {
            "lon": np.round(degrees.geometry.x * 1e5).astype("int32"),
            "lat": np.round(degrees.geometry.y * 1e5).astype("int32"),
            "street": points.street.astype("category"),
            "ward": points.ward.astype("category"),
            "former_ward": points.former_ward.astype("category"),
        }
    )
    table = table.drop_duplicates(["lon", "lat"]).sort_values(["ward", "lon", "lat"], ignore_index=True)
    table.to_parquet(Path(__file__).with_name("street_points.parquet"), compression="zstd", compression_level=19)
    print(f"{len(table)} points, {(table.street != '').sum()} on {table.street.nunique() - 1} named streets")


if __name__ == "__main__":
    main()
