"""What an import has to say besides its figures: how to mend what it met, on the error output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from etl.landing import Outcome
from etl.readers import Batch
from etl.translate import Noticed
from etl.twins import Twins
from incidents.errors import Refusal

_HINTS = {
    "bad_date": 'dạng khác: "dates": ["%m/%d/%Y %I:%M:%S %p"], "timezone", "excel": 1900 (another form)',
    "bad_coordinates": 'toạ độ khác: "crs": "EPSG:9210", cột "x", "y", "length_unit": "ft", "decimal": "," '
    "(another system, unit, or decimal sign)",
    "unknown_category": '"values": {"category": {"từ của tệp": "code", "*": "code"}} (a table of words, * the others)',
    "unknown_status": '"values": {"status": {"Closed": "closed"}}',
    "invalid_utf8": 'bảng mã khác (another encoding): "encoding": "cp1258"',
    "outside_city": 'ngoài thành phố, hoặc sai hệ toạ độ (outside of the city, or another "crs")',
}


_MOST_LINES = 10


class Watch:
    """Hears what became of each batch's rows, and counts why rows were refused."""

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()
        self.swapped = 0
        self.lines: list[int] = []

    def __call__(self, batch: Batch, outcomes: Iterable[Outcome]) -> None:
        for line, outcome in zip(batch.lines, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                self.reasons[outcome.reason] += 1
                if outcome.message.endswith("they look swapped"):
                    self.swapped += 1
                    if len(self.lines) < _MOST_LINES:
                        self.lines.append(line)


def tell(say: Callable[[str], object], watch: Watch, noticed: Noticed, twins: Twins | None) -> None:
    """Say what was met, line by line."""
    left = noticed.swapped - noticed.mended if noticed.swapped else watch.swapped
    if noticed.mended:
        say(f"{noticed.mended} dòng có toạ độ đổi chỗ, đã đổi lại (swapped coordinates, exchanged)")
    if left:
        lines = ", ".join(str(line) for line in noticed.lines or watch.lines)
        say(
            f"{left} dòng có toạ độ đổi chỗ (rows with lat and lon, or x and y, swapped), dòng (lines) {lines}…: "
            'đổi hai cột trong tệp ánh xạ, hoặc "swapped": "mend" (exchange the two columns, or take them so)'
        )
    if twins is not None and twins.found:
        shown = "; ".join(f"dòng {line} = {same}" for line, same in twins.examples)
        way = "bị từ chối (rejected)" if twins.judgement == "reject" else "vẫn nhận (taken; --duplicates reject)"
        say(f"{twins.found} dòng giống nội dung dòng khác mang mã khác (same content, another id): {shown}; {way}")
    for reason, count in watch.reasons.most_common():
        if reason in _HINTS:
            say(f"{count} {reason}: {_HINTS[reason]}")
