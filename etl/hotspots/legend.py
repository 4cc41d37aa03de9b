"""What the cells of an answer are drawn as, in every kind of file: classes in their colours, their words, how many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from etl.hotspots.answer import Answer

COLOURS = {
    "hot99": "#7a0016", "hot95": "#b8324a", "hot90": "#e08a95", "none": "#ffffff",
    "cold90": "#a9c6e8", "cold95": "#5d93d0", "cold99": "#1f5ea8",
}  # fmt: skip
SHARES = ("99", "95", "90")
_PATTERNS = {
    "new": ("Mới", "New", "#7a0016"), "intensifying": ("Tăng mạnh dần", "Intensifying", "#9c1530"),
    "consecutive": ("Liên tiếp", "Consecutive", "#b8324a"), "persistent": ("Dai dẳng", "Persistent", "#cc5568"),
    "diminishing": ("Giảm dần", "Diminishing", "#e3939d"), "sporadic": ("Lúc có lúc không", "Sporadic", "#f0bfc4"),
    "oscillating": ("Dao động", "Oscillating", "#b79aaf"), "historical": ("Đã qua", "Historical", "#ffffff"),
}  # fmt: skip
"""of emerging hot spots; what is past is an outline"""


_SPANS = (("Tăng", "Giảm", "Nóng cả hai kỳ, không đổi"), ("more", "less", "hot in both, no change"))
_KINDS = (("A nhiều hơn", "B nhiều hơn", "Nóng cả hai loại"), ("more of A", "more of B", "hot in both kinds"))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A class: its word in files, its words for people, its colour; `outline` where it is drawn by one."""

    name: str
    vi: str
    en: str
    colour: str
    outline: str = ""

    def words(self, lang: str) -> str:
        """As people of the language say it."""
        return self.vi if lang == "vi" else self.en


@dataclass(frozen=True, kw_only=True)
class Legend:
    """The classes of an answer in the legend's order; `column`: of files, which holds their names; `steps` str[n]."""

    column: str
    entries: tuple[Entry, ...]
    steps: NDArray[np.str_]

    def entry(self, name: str) -> Entry:
        """The class of a name. KeyError where there is none."""
        found = next((each for each in self.entries if each.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def count(self, entry: Entry) -> int:
        """How many cells are of a class."""
        return int((self.steps == entry.name).sum())


def of(answer: Answer) -> Legend:
    """The legend of an answer; without entries where its cells have no classes (density)."""
    method = answer.question.method
    found = steps(answer)
    if method == "kde":
        return Legend(column="", entries=(), steps=found)
    if method == "st-dbscan":
        one = Entry(name="cluster", vi="Cụm", en="Cluster", colour=COLOURS["hot95"])
        return Legend(column="", entries=(one,), steps=found)
    if method == "emerging":
        return Legend(column="pattern", entries=emerging(), steps=found)
    return Legend(column="class", entries=changes(answer) if answer.compared else classes(), steps=found)


def steps(answer: Answer) -> NDArray[np.str_]:
    """The name of each cell's class as files say it, str[n]."""
    method = answer.question.method
    if method == "kde":
        return np.full(len(answer), "none")
    if method == "st-dbscan":
        return np.full(len(answer), "cluster")
    if method == "emerging":
        pattern = answer.columns["pattern"].astype(np.str_)
        return np.where(np.char.startswith(pattern, "cold "), "cold", pattern)
    kind = answer.columns["class"].astype("<U8")
    return changed(kind, answer.columns.get("steady")) if answer.compared else kind


def changed(kind: NDArray[np.str_], steady: NDArray[np.generic] | None = None) -> NDArray[np.str_]:
    """The classes of a change in its own words: `more99` for `hot99`, `less95` for `cold95`, `none`; `same` for what is
    hot both times."""
    if not len(kind):
        return kind
    found = np.char.replace(np.char.replace(kind.astype("<U8"), "hot", "more"), "cold", "less")
    return found if steady is None else np.where(steady.astype(np.bool_), "same", found)


def classes() -> tuple[Entry, ...]:
    """Hot and cold, in three steps each."""
    hot = [Entry(name=f"hot{s}", vi=f"Nóng {s}%", en=f"{s}% hot", colour=COLOURS[f"hot{s}"]) for s in SHARES]
    none = Entry(name="none", vi="Không có ý nghĩa", en="not significant", colour=COLOURS["none"])
    cold = [Entry(name=f"cold{s}", vi=f"Lạnh {s}%", en=f"{s}% cold", colour=COLOURS[f"cold{s}"]) for s in SHARES[::-1]]
    return (*hot, none, *cold)


def changes(answer: Answer) -> tuple[Entry, ...]:
    """More and less, in three steps each; of two kinds, more of which."""
    words = _KINDS if answer.compared.get("compare") == "categories" else _SPANS
    (more, less, same), (more_en, less_en, same_en) = words
    up = [Entry(name=f"more{s}", vi=f"{more}, {s}%", en=f"{s}% {more_en}", colour=COLOURS[f"hot{s}"]) for s in SHARES]
    down = [
        Entry(name=f"less{s}", vi=f"{less}, {s}%", en=f"{s}% {less_en}", colour=COLOURS[f"cold{s}"])
        for s in SHARES[::-1]
    ]
    steady = Entry(name="same", vi=same, en=same_en, colour="#ffffff", outline="#17202b")
    few = ("Chưa đủ khác, hoặc dưới 6 vụ", "not different enough, or under 6")
    return (*up, steady, Entry(name="none", vi=few[0], en=few[1], colour="#ffffff"), *down)


def emerging() -> tuple[Entry, ...]:
    """The eight of hot histories, one for all cold ones."""
    hot = [
        Entry(name=f"hot {name}", vi=vi, en=en, colour=colour, outline="#b8324a" if name == "historical" else "")
        for name, (vi, en, colour) in _PATTERNS.items()
    ]
    cold = Entry(name="cold", vi="Có lịch sử lạnh", en="a cold history", colour=COLOURS["cold90"])
    none = Entry(name="none", vi="Không có lịch sử", en="no history", colour="#ffffff")
    return (*hot, cold, none)
