"""On the real names: no answer is surer than 0.68 of 500 m beside a radius over 500 m, nor the other way round."""

from __future__ import annotations

import random
from datetime import date

from district_boundaries.area_names import area_names
from geo.geocoder import geocode

NOW = date(2026, 8, 1)
LE_LOI = "12 Lê Lợi"  # a door that several streets of the name have


def _texts(gazetteer, areas):
    """Ways to say places of every kind, with an area and without."""
    drawn = random.Random(17)
    streets = drawn.sample(sorted(set(gazetteer.shown)), 250)
    numbers = ["", "12 ", "205 ", "51/7/3 ", "hẻm 60 ", "đối diện 33 ", "A2/22 ", "cột điện 137 "]
    said = [drawn.choice(numbers) + street for street in streets]
    said += drawn.sample(sorted(key.replace("|", " ") for key in gazetteer.doors), 250)
    said += [f"ngã tư {one} - {other}" for one, other in zip(streets[::2], streets[1::2], strict=True)]
    said += drawn.sample(gazetteer.landmark_names, 100)
    with_area = [f"{text}, {drawn.choice(areas).name}" for text in said]
    return [LE_LOI, *said, *with_area, *(area.name for area in drawn.sample(areas, 50))]


def test_confidence_and_radius_say_the_same(app_connection):
    names = area_names(app_connection)
    texts = _texts(names.gazetteer, sorted(names.areas(), key=lambda area: (area.code, area.name)))
    answers = geocode(texts, names, on=NOW, limit=5)
    assert len([True for found in answers if found]) > 0.8 * len(texts)
    precisions = {place.precision for found in answers for place in found}
    assert precisions >= {"rooftop", "interpolated", "street", "intersection", "place", "ward", "district"}
    odd = [
        (text, place.precision, place.confidence, place.accuracy_m)
        for text, found in zip(texts, answers, strict=True)
        for place in found
        if (place.confidence > 0.68 and place.accuracy_m > 500) or (place.confidence < 0.68 and place.accuracy_m <= 500)
    ]
    assert not odd, odd[:10]


def test_a_door_that_several_streets_of_the_name_have_is_as_sure_as_its_radius_is_wide(app_connection):
    found = geocode([LE_LOI], area_names(app_connection), on=NOW)[0]
    assert len(found) > 1
    for place in found:
        assert (place.confidence >= 0.68) == (place.accuracy_m <= 500)
