"""A plain answer as bytes that need no pickle, and back."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from etl.hotspots.answer import Warning_
from etl.hotspots.question import Question
from etl.plain.answer import PlainAnswer
from etl.plain.question import Plain

_BESIDE, _SHAPES, _STARTS = "plain:json", "shapes:wkb", "shapes:starts"


def pack(answer: PlainAnswer) -> bytes:
    """Everything a file of the answer is made from."""
    beside = {
        "parameters": answer.parameters(),
        "took_part": answer.took_part,
        "left": dict(answer.left),
        "warnings": [asdict(each) for each in answer.warnings],
        "at": answer.at.isoformat(),
        "seconds": answer.seconds,
        "more": answer.more,
        "columns": list(answer.columns),
    }
    arrays: dict[str, NDArray[Any]] = {f"column:{name}": column for name, column in answer.columns.items()}
    if answer.geometry is not None:
        raw = [bytes(each) for each in shapely.to_wkb(answer.geometry)]
        arrays[_SHAPES] = np.frombuffer(b"".join(raw), dtype=np.uint8)
        arrays[_STARTS] = np.cumsum([0, *map(len, raw)], dtype=np.int64)
    arrays[_BESIDE] = np.array(json.dumps(beside, ensure_ascii=False, allow_nan=False))
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **arrays)
    return out.getvalue()


def is_plain(content: bytes) -> bool:
    """Whether these bytes are a plain answer's."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return _BESIDE in arrays


def unpack(content: bytes) -> PlainAnswer:
    """What `pack` was given."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        beside = json.loads(str(arrays[_BESIDE]))
        columns = {name: arrays[f"column:{name}"] for name in beside["columns"]}
        shapes = None
        if _SHAPES in arrays:
            whole, starts = arrays[_SHAPES].tobytes(), arrays[_STARTS].tolist()
            shapes = np.empty(len(starts) - 1, dtype=object)
            shapes[:] = [shapely.from_wkb(whole[a:b]) for a, b in pairwise(starts)]
    question = Question.read({name: word for name, word in beside["parameters"].items() if name != "method"})
    plain = Plain.read(beside["parameters"], question)
    assert plain is not None
    return PlainAnswer(
        question=question,
        plain=plain,
        columns=columns,
        geometry=shapes,
        took_part=beside["took_part"],
        left=beside["left"],
        warnings=tuple(Warning_(**each) for each in beside["warnings"]),
        at=datetime.fromisoformat(beside["at"]),
        seconds=beside["seconds"],
        more=beside["more"],
    )
