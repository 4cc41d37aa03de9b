"""Files of reports for tests and benchmarks: plausible rows inside the city, and rows broken in known ways."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from database.clock import local
from etl.columns import COLUMNS

WEST, SOUTH, EAST, NORTH = 106.60, 10.74, 106.72, 10.86  # within the city on every day
CATEGORIES = (
    "fallen_tree", "road_damage", "waste", "power_cable", "light_out", "construction_without_permit", "burst_pipe",
    "flooding", "noise", "bus_quality", "telecom_cable",
)  # fmt: skip
CHANNELS = ("phone", "sms", "web", "app", "email", "social")
STATUSES = ("", "", "closed", "resolved", "in_progress", "rejected")
BEGIN = datetime(2016, 1, 1, tzinfo=UTC)
BROKEN = (
    "bad_date", "swapped", "outside_city", "unknown_category", "unknown_channel", "invalid_utf8", "missing_columns",
)  # fmt: skip
REASONS = {"swapped": "bad_coordinates"} | {name: name for name in BROKEN if name != "swapped"}


def rows(count: int, *, seed: int = 1022) -> Iterator[dict[str, str]]:
    """`count` good rows with external ids T-0, T-1, …; the same for the same seed."""
    dice = random.Random(seed)
    for number in range(count):
        at = BEGIN + timedelta(seconds=dice.randrange(10 * 365 * 86400))
        status = dice.choice(STATUSES)
        ended = at + timedelta(hours=dice.randrange(1, 200)) if status in ("closed", "resolved", "rejected") else None
        told = number % 3 == 0
        yield {
            "external_id": f"T-{number}",
            "channel": dice.choice(CHANNELS),
            "reported_at": at.isoformat() if number % 2 else local(at).strftime("%d/%m/%Y %H:%M"),
            "category": dice.choice(CATEGORIES),
            "description": f"Phản ánh số {number}: cây đổ, đường ngập, đèn tắt — xin xử lý",
            "address": f"{dice.randrange(1, 400)} Lê Lợi, Quận 1",
            "lat": f"{dice.uniform(SOUTH, NORTH):.6f}",
            "lon": f"{dice.uniform(WEST, EAST):.6f}",
            "reporter_name": f"Nguyễn Thị {number}" if told else "",
            "reporter_phone": f"09{number:08d}" if told else "",
            "reporter_email": "",
            "status": status,
            "closed_at": local(ended).isoformat() if ended else "",
            "unit": "",
        }


def broken(row: dict[str, str], how: str) -> bytes:
    """The row's line in a CSV, broken in one of the ways of BROKEN."""
    row = dict(row)
    if how == "bad_date":
        row["reported_at"] = "31/02/2024 10:00"
    elif how == "swapped":
        row["lat"], row["lon"] = row["lon"], row["lat"]
    elif how == "outside_city":
        row["lat"], row["lon"] = "21.03", "105.85"
    elif how == "unknown_category":
        row["category"] = "khong_co"
    elif how == "unknown_channel":
        row["channel"] = "telegraph"
    line = _line(list(row.values()))
    if how == "invalid_utf8":
        return line.replace("Phản".encode(), b"Ph\xe1\xba n", 1)
    if how == "missing_columns":
        return line.rsplit(b",", 3)[0] + b"\n"
    return line


def write_csv(path: Path, count: int, *, broken_every: int = 0, seed: int = 1022) -> dict[int, str]:
    """Write `count` rows and return line → reason of those that are broken, one in `broken_every`."""
    expected = {}
    with path.open("wb") as out:
        out.write(_line(COLUMNS))
        for number, row in enumerate(rows(count, seed=seed)):
            if broken_every and number % broken_every == broken_every - 1:
                how = BROKEN[number // broken_every % len(BROKEN)]
                expected[number + 2] = REASONS[how]
                out.write(broken(row, how))
            else:
                out.write(_line(list(row.values())))
    return expected


def read_rejects(path: Path) -> dict[int, str]:
    """Line → reason."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {int(row["line"]): row["reason"] for row in csv.DictReader(lines)}


class _Line:
    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text


def _line(cells: list[str] | tuple[str, ...]) -> bytes:
    line = _Line()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.text.encode()
