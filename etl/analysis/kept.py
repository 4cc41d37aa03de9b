"""An answer as bytes that need no pickle: its columns as NumPy's npz, what stands beside them as JSON; and back."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from etl.hotspots.answer import Answer, Cluster, LeftOut, Warning_
from etl.hotspots.question import Question
from etl.hotspots.reading import Reading
from geo import grid

_OUTLINES = "outlines:wkb"
_AREAS = "areas:wkb"
_BESIDE = "beside:json"


def pack(answer: Answer) -> bytes:
    """Everything a file of the answer is made from. Cells' outlines follow from their ids; hulls are kept, and areas: a
    code may get another outline meanwhile, and the figures are those of this one."""
    beside = {
        "question": answer.question.parameters(),
        "left_out": asdict(answer.left_out),
        "clusters": [asdict(each) for each in answer.clusters],
        "warnings": [asdict(each) for each in answer.warnings],
        "months": answer.months,
        "at": answer.at.isoformat(),
        "seconds": answer.seconds,
        "compared": dict(answer.compared),
        "readings": {lang: asdict(each) for lang, each in answer.readings.items()},
        "columns": list(answer.columns),
    }
    arrays: dict[str, NDArray[Any]] = {f"column:{name}": column for name, column in answer.columns.items()}
    if answer.question.method == "st-dbscan":
        raw = [shapely.to_wkb(each) for each in answer.outlines()]
        arrays[_OUTLINES] = np.array([each.hex() for each in raw], dtype=np.str_)
    elif answer.question.cells:
        arrays[_AREAS] = np.frombuffer(shapely.to_wkb(shapely.GeometryCollection(list(answer.outlines()))), np.uint8)
    arrays[_BESIDE] = np.array(json.dumps(beside, ensure_ascii=False))
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **arrays)
    return out.getvalue()


def unpack(content: bytes) -> Answer:
    """What `pack` was given."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        beside = json.loads(str(arrays[_BESIDE]))
        columns = {name: arrays[f"column:{name}"] for name in beside["columns"]}
        hulls = arrays[_OUTLINES].tolist() if _OUTLINES in arrays else None
        shapes = arrays[_AREAS].tobytes() if _AREAS in arrays else None

    def outlines() -> NDArray[np.object_]:
        if shapes is not None:
            return np.asarray(shapely.get_parts(shapely.from_wkb(shapes)), dtype=object)
        if hulls is None:
            return grid.outlines(columns["cell_id"])
        return np.asarray(shapely.from_wkb([bytes.fromhex(each) for each in hulls]), dtype=object)

    return Answer(
        question=Question.read(beside["question"]),
        columns=columns,
        outlines=outlines,
        left_out=LeftOut(**beside["left_out"]),
        clusters=tuple(Cluster(**each) for each in beside["clusters"]),
        warnings=tuple(Warning_(**each) for each in beside["warnings"]),
        months=tuple((month, n) for month, n in beside["months"]),
        at=datetime.fromisoformat(beside["at"]),
        seconds=beside["seconds"],
        compared=beside["compared"],
        readings={
            lang: Reading(**{**each, "cautions": tuple(each["cautions"])}) for lang, each in beside["readings"].items()
        },
    )
