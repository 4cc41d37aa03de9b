"""From a point to what it is called. So far the areas that hold it; streets and places come with the gazetteer."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from geo.geocoder.names import AreaNames
from geo.geocoder.place import Place

SOURCE = "areas"


def reverse(lon: NDArray[np.float64], lat: NDArray[np.float64], names: AreaNames, *, on: date) -> list[Place | None]:
    """For each point (degrees) the smallest area in force on `on` that holds it, None outside the city.

    The place lies at the point itself: its accuracy is zero, and its precision says how closely it could be named.
    """
    places: list[Place | None] = []
    for x, y, within in zip(lon.tolist(), lat.tolist(), names.within(lon, lat, on), strict=True):
        if not within.ward and not within.district:
            places.append(None)
            continue
        parts = [within.ward, within.district] if within.ward else [within.district]
        places.append(
            Place(
                lon=x,
                lat=y,
                label=", ".join(part for part in parts if part),
                name=parts[0],
                ward=within.ward,
                district=within.district,
                ward_code=within.ward_code,
                district_code=within.district_code,
                precision="ward" if within.ward else "district",
                accuracy_m=0.0,
                confidence=1.0,
                ward_confidence=1.0 if within.ward else 0.0,
                source=SOURCE,
            )
        )
    return places
