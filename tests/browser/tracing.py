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
