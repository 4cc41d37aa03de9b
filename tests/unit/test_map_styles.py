"""The map's styles: every mark of a tile is drawn at every zoom, colours tell apart for the colour-blind and shapes
without any colour, labels have a glyph for every letter of Vietnamese."""

from __future__ import annotations

import itertools
import json
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

STATIC = Path(__file__).parent.parent.parent / "webmap" / "static" / "map"
THEMES = ("light", "dark", "contrast")
STATES = ("new", "progress", "late", "resolved")
FIELDS = (
    *("traffic", "water", "drainage", "trees", "lighting", "electricity", "telecoms", "transport", "environment"),
    "urban_order",
)
KINDS = ("tree", "subsidence", "construction", "other", *FIELDS)


def style(theme: str) -> dict[str, Any]:
    return json.loads((STATIC / f"style-{theme}.json").read_text())


def sprite(theme: str) -> dict[str, Any]:
    return json.loads((STATIC / f"sprite-{theme}.json").read_text())


def passes(expression: Any, properties: dict[str, Any]) -> Any:
    """What a filter says; the few words that the styles of incidents use."""
    if not isinstance(expression, list):
        return expression
    word, *rest = expression
    if word == "get":
        return properties.get(rest[0])
    values = [passes(each, properties) for each in rest]
    if word == "all":
        return all(values)
    if word == "==":
        return values[0] == values[1]
    if word == "!=":
        return values[0] != values[1]
    raise AssertionError(f"a filter of incidents says {word!r}, which this test does not know")


@pytest.mark.parametrize("theme", THEMES)
def test_every_mark_is_drawn_once_at_every_zoom(theme) -> None:
    layers = [
        layer
        for layer in style(theme)["layers"]
        if layer.get("source") == "incidents" and "icon-image" in layer.get("layout", {})
    ]
    marks = [{"state": state, "precision": precision} for state in STATES for precision in ("ward", "street")]
    for zoom, mark in itertools.product(range(6, 20), [*marks, {"state": "cluster"}]):
        drawn = [
            layer["id"]
            for layer in layers
            if layer.get("minzoom", 0) <= zoom < layer.get("maxzoom", 25) and passes(layer["filter"], mark)
        ]
        assert len(drawn) == 1, f"{mark} at zoom {zoom}: {drawn}"


@pytest.mark.parametrize("theme", THEMES)
def test_every_symbol_that_a_style_asks_for_is_in_its_sprite(theme) -> None:
    there = set(sprite(theme))
    assert {f"m-{kind}-{state}" for kind in KINDS for state in STATES} <= there
    leads = ("", "tree-", "subsidence-", "construction-")
    assert {f"c-{lead}{size}-{late}" for lead in leads for size in "sml" for late in range(9)} <= there


# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(colour: str, matrix: list[list[float]] | None) -> np.ndarray:
    """CIE L*a*b* (D65) of a hex colour, as somebody sees it."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    if matrix is not None:
        linear = np.clip(np.array(matrix) @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    ratio = (to_xyz @ linear) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("blindness", [None, *BLINDNESS])
def test_the_hues_of_the_hero_layers_tell_apart(theme, blindness) -> None:
    """By at least ten units of L*a*b*, where one unit is just seen side by side."""
    (fill,) = [layer for layer in style(theme)["layers"] if layer["id"] == "precision-fill"]
    match = fill["paint"]["fill-color"]
    hues = {"tree": match[3], "subsidence": match[5], "construction": match[7], "other": match[8]}
    seen = {name: lab(hue, BLINDNESS[blindness] if blindness else None) for name, hue in hues.items()}
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 10, (one, other, hues[one], hues[other])


@pytest.mark.parametrize("theme", THEMES)
def test_kinds_and_states_have_shapes_of_their_own(theme) -> None:
    """Without colour: what is covered differs between the hero layers and the square of the fields; late ones and
    those that are done differ from new ones of the same kind."""
    sheet = Image.open(STATIC / f"sprite-{theme}@2x.png").convert("RGBA")
    places = json.loads((STATIC / f"sprite-{theme}@2x.json").read_text())

    def picture(name: str) -> np.ndarray:
        at = places[name]
        cut = sheet.crop((at["x"], at["y"], at["x"] + at["width"], at["y"] + at["height"])).resize((48, 48))
        pixels = np.asarray(cut, dtype=float)
        grey = pixels[..., :3] @ [0.2126, 0.7152, 0.0722] / 255
        return np.stack([pixels[..., 3] / 255, grey * pixels[..., 3] / 255])

    shapes = {kind: picture(f"m-{kind}-new")[0] for kind in ("tree", "subsidence", "construction", "traffic")}
    for one, other in itertools.combinations(shapes, 2):
        assert np.abs(shapes[one] - shapes[other]).mean() > 0.02, (one, other)
    for kind in shapes:
        for one, other in itertools.combinations([f"m-{kind}-{state}" for state in STATES], 2):
            assert np.abs(picture(one) - picture(other)).mean() > 0.01, (one, other)


LETTERS = (
    {
        unicodedata.normalize("NFC", base + shape + tone)
        for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
        for shape in [""]
        for tone in ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    }
    | set("đĐ")
    | {chr(code) for code in range(0x21, 0x7F)}
    | set("–—·×’“”…°²")
)


def glyphs(font: str, start: int) -> set[int]:
    """The code points that a glyph file holds: `stacks` (1) of `glyphs` (3), each with an `id` (1)."""
    path = STATIC / "glyphs" / font / f"{start}-{start + 255}.pbf"
    if not path.exists():
        return set()
    found = set()
    for number, stack in fields(path.read_bytes()):
        if number == 1:
            for inner, glyph in fields(stack):
                if inner == 3:
                    found.update(value for name, value in fields(glyph) if name == 1)
    return found


def fields(data: bytes) -> list[tuple[int, Any]]:
    """A protocol buffer message, taken apart: field numbers and values."""
    found: list[tuple[int, Any]] = []
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = number()
        if key & 7 == 0:
            found.append((key >> 3, number()))
        else:
            assert key & 7 == 2
            length = number()
            found.append((key >> 3, data[at : at + length]))
            at += length
    return found


def fonts() -> set[str]:
    return {
        font
        for theme in THEMES
        for layer in style(theme)["layers"]
        for font in layer.get("layout", {}).get("text-font", [])
    }


def test_every_letter_of_vietnamese_has_a_glyph_in_every_font() -> None:
    assert fonts() and len(LETTERS) > 220
    assert all(len(letter) == 1 for letter in LETTERS), "every one of them is a single code point"
    for font in fonts():
        there = set().union(*(glyphs(font, start) for start in range(0, 0x2200, 256)))
        missing = {letter for letter in LETTERS if ord(letter) not in there}
        assert not missing, f"{font}: {sorted(missing)}"
