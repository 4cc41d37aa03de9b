"""What the places and areas of a plain answer are drawn as, in files: colours and their words."""

from __future__ import annotations

import numpy as np

from etl.hotspots.legend import COLOURS, SHARES, Entry
from etl.hotspots.qgis import RATE_WORDS, RATES
from etl.hotspots.reading import number
from etl.plain.answer import PlainAnswer
from etl.plain.page import classes, limits

SPOT = Entry(name="spot", vi="Nơi, lớn theo số sự cố", en="A place, sized by incidents", colour=COLOURS["hot95"])


def entries(answer: PlainAnswer, lang: str) -> list[Entry]:
    """The legend, in its order; of time to close with the days that part the steps."""
    if answer.plain.kind == "repeats":
        return [SPOT]
    if answer.plain.kind == "change":
        words = {"hot": ("Tăng", "more"), "cold": ("Giảm", "less")}
        found = [
            Entry(name=f"{way}{share}", vi=f"{words[way][0]}, {share}%", en=f"{share}% {words[way][1]}",
                  colour=COLOURS[f"{way}{share}"])
            for way, shares in (("hot", SHARES), ("cold", SHARES[::-1])) for share in shares
        ]  # fmt: skip
        middle = Entry(name="none", vi="Không khác mức chung", en="as the city, or too few", colour="#ffffff")
        return [*found[:3], middle, *found[3:]]
    parts = limits(answer)
    return [
        Entry(name=name, vi=_between(vi, name, parts, "vi"), en=_between(en, name, parts, "en"), colour=RATES[name])
        for name, (vi, en) in RATE_WORDS.items()
        if parts or name in ("rate1", "few")
    ]


def _between(words: str, name: str, parts: list[float], lang: str) -> str:
    if not parts or name == "few":
        return words if name == "few" else {"vi": "đánh giá được", "en": "can be judged"}[lang]
    step, unit = int(name[-1]), {"vi": "ngày", "en": "days"}[lang]
    said = [number(each, lang, 1) for each in parts]
    if step == 1:
        return f"≤ {said[0]} {unit}"
    return f"> {said[2]} {unit}" if step == 4 else f"{said[step - 2]} – {said[step - 1]} {unit}"


def counts(answer: PlainAnswer) -> dict[str, int]:
    """How many rows are of each class."""
    names, many = np.unique(classes(answer), return_counts=True)
    return dict(zip(names.tolist(), many.tolist(), strict=True))
