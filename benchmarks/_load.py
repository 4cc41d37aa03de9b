"""How long `gazetteer load` of the city's whole extract takes, as a command: a process that starts, reads the file,
puts its entries in place of another extract's, and makes the copies that look-ups read."""

from __future__ import annotations

import time
from typing import Any

from benchmarks import _site
from geo.gazetteer import shipped
from tests import sites

_OTHER = """<osm version="0.6"><node id="1" lat="10.77" lon="106.70"/><node id="2" lat="10.78" lon="106.70"/>
<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="Đường Thử"/></way></osm>
"""
_SECONDS = 300


def timed() -> dict[str, Any]:
    """Seconds by the clock, the start of the embedded database with them; the same again, which changes nothing."""
    with _site.prepared("geocoder-load-") as (folder, environment):
        other = folder / "other.osm"
        other.write_text(_OTHER, encoding="utf-8")
        result: dict[str, Any] = {"megabytes": round(shipped.EXTRACT.stat().st_size / 1e6, 1)}
        for step, file in (("another", other), ("whole_s", shipped.EXTRACT), ("again_s", shipped.EXTRACT)):
            started = time.perf_counter()
            done = sites.command(environment, "gazetteer", "load", str(file), seconds=_SECONDS)
            if done.returncode:
                raise RuntimeError(done.stderr)
            if step != "another":
                result[step] = round(time.perf_counter() - started, 1)
                result[step.replace("_s", " said")] = done.stdout.strip().splitlines()[-1]
        return result
