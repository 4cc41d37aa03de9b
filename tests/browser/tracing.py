"""How long the page's own scripts keep its main thread busy, from the browser's trace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page

CATEGORIES = ["devtools.timeline", "toplevel", "disabled-by-default-devtools.timeline", "v8.execute"]
OURS = "/static/js/"
LIBRARY = "/static/vendor/"
"""what we put on the page, and what draws for it: both are ours to answer for"""
CALLS = {"FunctionCall", "EvaluateScript", "RunMicrotasks", "TimerFire", "FireAnimationFrame", "EventDispatch"}


@dataclass
class Trace:
    """Filled in when the block ends."""

    tasks: list[tuple[float, str]] = field(default_factory=list)
    """milliseconds of the main thread's own processor time (a busy machine's other work is not the page's), and the
    script, of every task that runs a script of ours; the longest first"""

    @property
    def longest(self) -> float:
        return self.tasks[0][0] if self.tasks else 0.0


@contextmanager
def traced(browser: Browser, page: Page) -> Iterator[Trace]:
    """Record what the page does in this block."""
    found = Trace()
    browser.start_tracing(page=page, categories=CATEGORIES)
    try:
        yield found
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
        found.tasks = sorted(_tasks(events), reverse=True)


def _tasks(events: list[dict[str, Any]]) -> Iterator[tuple[float, str]]:
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event["args"].get("name") == "CrRendererMain"
    }
    for thread in mains:
        mine = [event for event in events if (event.get("pid"), event.get("tid")) == thread and event.get("ph") == "X"]
        scripts = sorted(
            (event["ts"], url)
            for event in mine
            if event["name"] in CALLS and (url := _url(event)) and (OURS in url or LIBRARY in url)
        )
        at = 0
        for task in sorted((each for each in mine if each["name"].endswith("RunTask")), key=lambda each: each["ts"]):
            while at < len(scripts) and scripts[at][0] < task["ts"]:
                at += 1
            if at < len(scripts) and scripts[at][0] <= task["ts"] + task.get("dur", 0):
                yield task.get("tdur", task.get("dur", 0)) / 1000, scripts[at][1]


def _url(event: dict[str, Any]) -> str:
    data = event.get("args", {}).get("data") or {}
    return data.get("url") or ""


def roam(page: Page, *, rounds: int = 1) -> int:
    """Look round on the page's map as a person with a mouse does: drag, zoom in by the wheel from the city to a street,
    and out again. How many zoom levels were seen."""
    box = page.locator("#map").bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5
    levels = set()
    for _ in range(rounds):
        for turn in (-1, 1):  # in, then out
            for step in range(7):
                page.mouse.move(x, y)
                for _ in range(3):
                    page.mouse.wheel(0, turn * 200)
                    page.wait_for_timeout(60)
                page.wait_for_timeout(500)
                page.mouse.down()
                side = 220 if step % 2 else -220
                page.mouse.move(x + side, y + side / 2, steps=12)
                page.mouse.up()
                page.wait_for_timeout(500)
                levels.add(round(page.evaluate("hotlineMap.getZoom()")))
    return len(levels)
