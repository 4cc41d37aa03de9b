"""How fast one process looks up, in seconds of its processor time: other programs on the machine do not count."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import _names_search as names_search
from benchmarks._disguises import one_letter_wrong, written
from benchmarks._hidden_stops import ON, Row
from district_boundaries.area_names import AreaNames
from geo.gazetteer.keys import street_key
from geo.geocoder import geocode, index_of, street_index_of
from geo.geocoder.streets import StreetIndex
from geo.geocoder.suggest import suggest

SINGLE = 1500  # look-ups one at a time
ROUNDS = 3  # of the batch


def throughput(rows: Sequence[Row], names: AreaNames) -> dict[str, Any]:
    """Full look-ups, each text once, in seconds of processor time: other programs on the machine do not count."""
    texts = list(dict.fromkeys(written(row) for row in rows))
    np.random.default_rng(1).shuffle(texts)
    geocode(texts[:200], names, on=ON, limit=1)
    times = []
    for text in texts[200 : 200 + SINGLE]:
        started = time.process_time()
        geocode([text], names, on=ON, limit=1)
        times.append(time.process_time() - started)
    batch = []
    for _ in range(ROUNDS):
        started = time.process_time()
        geocode(texts, names, on=ON, limit=1)
        batch.append(len(texts) / (time.process_time() - started))
    single = 1 / statistics.mean(times)
    index = street_index_of(names)
    assert isinstance(index, StreetIndex)
    parse = index_of(names).parse
    started = time.process_time()
    for text in texts[:1500]:
        parse(text)
    parsing = 1500 / (time.process_time() - started)
    keys = list(index.gazetteer.streets)
    wrong = [one_letter_wrong(row["street"], int(float(row["lat"]) * 1e6)) for row in rows]
    typed = [(street_key(street), street_key(row["street"])) for street, row in zip(wrong, rows, strict=True)]
    typed = [pair for pair in dict.fromkeys(typed) if pair[1] in index.gazetteer.streets and pair[0] != pair[1]][:400]
    return {
        "texts": len(texts),
        "one_at_a_time_per_s": round(single),
        "p50_ms": round(statistics.median(times) * 1000, 2),
        "p99_ms": round(float(np.percentile(times, 99)) * 1000, 2),
        "batch_per_s": round(statistics.median(batch)),
        "batch_against_single": round(statistics.median(batch) / single, 2),
        "area_parser_alone_per_s": round(parsing),
        "a_name_with_a_wrong_letter_alone": {
            "names": len(keys),
            "asked": len(typed),
            "this geocoder's slips": names_search.timed(lambda key: next(iter(index.slips.search(key)), None), typed),
            **names_search.measured(keys, typed),
        },
    }


def suggestions(rows: Sequence[Row], names: AreaNames) -> dict[str, Any]:
    """Every beginning of every twentieth stop's street, as it is typed; processor time in one process."""
    suggest("le", names, on=ON)
    times, right, asked = [], 0, 0
    for row in rows[::20]:
        street = row["street"].strip()
        for end in range(1, len(street) + 1):
            started = time.process_time()
            found = suggest(street[:end], names, on=ON)
            times.append(time.process_time() - started)
        asked += 1
        right += any(street_key(one.text.split(",")[0]) == street_key(street) for one in found)
    return {
        "asked": len(times),
        "p50_ms": round(statistics.median(times) * 1000, 2),
        "p95_ms": round(float(np.percentile(times, 95)) * 1000, 2),
        "p99_ms": round(float(np.percentile(times, 99)) * 1000, 2),
        "street offered when its name is typed": round(right / asked, 3),
    }
