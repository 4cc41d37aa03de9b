"""The reliability of a confidence: what was said against what was true, as a table, in text and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

BINS = 10
_WIDTH = 40  # characters of a bar
_SIDE, _EDGE = 360, 46  # pixels of a diagram and round it

Table = list[dict[str, float]]


def table(said: NDArray[np.float64], true: NDArray[np.bool_]) -> Table:
    """For each tenth of confidence that was said: the mean said, the share true, how many."""
    bins = _bins(said)
    return [
        {
            "said": round(float(said[bins == b].mean()), 3),
            "true": round(float(true[bins == b].mean()), 3),
            "n": int((bins == b).sum()),
        }
        for b in sorted(set(bins.tolist()))
    ]


def error(said: NDArray[np.float64], true: NDArray[np.bool_]) -> float:
    """Expected calibration error: how far said and true are apart, weighed by how often it was said."""
    bins = _bins(said)
    gaps = sum(abs(said[bins == b].mean() - true[bins == b].mean()) * (bins == b).sum() for b in set(bins.tolist()))
    return round(float(gaps / len(said)), 4)


def error_of_a_constant(said: NDArray[np.float64], true: NDArray[np.bool_]) -> float:
    """How far a constant confidence is from the truth of each tenth that ours tells apart."""
    parts = np.array_split(np.argsort(said), BINS)
    gaps = sum(abs(float(true.mean()) - float(true[part].mean())) * len(part) for part in parts)
    return round(float(gaps / len(said)), 4)


def text(title: str, rows: Sequence[Mapping[str, float]]) -> str:
    """A diagram for a screen: a bar as long as the share that was true, a mark where it should end."""
    lines = [f"{title}: █ true, │ said"]
    for row in rows:
        bar = list("█" * round(row["true"] * _WIDTH) + " " * (_WIDTH - round(row["true"] * _WIDTH)))
        bar[min(_WIDTH - 1, round(row["said"] * _WIDTH))] = "│"
        lines.append(
            f"  {row['said'] * 100:5.1f}% said {row['true'] * 100:5.1f}% true  {''.join(bar)}  n = {row['n']:,.0f}"
        )
    return "\n".join(lines)


def picture(path: Path, tables: Mapping[str, Sequence[Mapping[str, float]]]) -> None:
    """The diagrams side by side as a PNG: said from left to right, true upwards, on the dotted line where both agree;
    the area of a circle is how often it was said."""
    size = _SIDE + 2 * _EDGE
    image = Image.new("RGB", (size * len(tables), size), "white")
    draw = ImageDraw.Draw(image)
    for number, (title, rows) in enumerate(tables.items()):
        left, top = number * size + _EDGE, _EDGE
        draw.rectangle([left, top, left + _SIDE, top + _SIDE], outline="#767676")
        for step in range(0, _SIDE, 8):
            draw.line([left + step, top + _SIDE - step, left + step + 4, top + _SIDE - step - 4], fill="#767676")
        for tick in range(0, 101, 20):
            at = tick * _SIDE // 100
            draw.text((left + at - 8, top + _SIDE + 6), f"{tick}%", fill="black")
            draw.text((left - 32, top + _SIDE - at - 6), f"{tick}%", fill="black")
        draw.text((left, top - 22), title, fill="black")
        draw.text((left + _SIDE // 2 - 12, top + _SIDE + 24), "said", fill="black")
        draw.text((left + 6, top + 6), "true", fill="black")
        most = max(row["n"] for row in rows)
        points = [(left + row["said"] * _SIDE, top + _SIDE - row["true"] * _SIDE) for row in rows]
        draw.line(points, fill="#0b57d0", width=2)
        for (x, y), row in zip(points, rows, strict=True):
            radius = 3 + 9 * (row["n"] / most) ** 0.5
            draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill="#0b57d0")
    image.save(path)


def _bins(said: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.minimum((said * BINS).astype(int), BINS - 1)
