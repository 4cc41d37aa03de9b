"""The gazetteer's compact forms as bytes (npz: arrays and JSON, no code), and back."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.gazetteer.compact import Gazetteer
from geo.gazetteer.junctions import Meetings
from geo.gazetteer.numbering import Chain
from geo.gazetteer.pieces import Pieces

FORMAT = "9"
"""Raised when the compact forms change, so that they are made again."""

_FLOATS = ("x", "y", "along", "dx", "dy", "length")


def pack(gazetteer: Gazetteer) -> bytes:
    """A gazetteer as bytes."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, array in gazetteer.pieces._asdict().items():
        arrays[f"piece_{name}"] = array.astype(np.float32) if name in _FLOATS else array.astype(np.int32)
    arrays["starts"], arrays["of_name"] = gazetteer.starts, gazetteer.of_name
    arrays["importance"] = gazetteer.importance.astype(np.float32)
    flat = [(street, chain) for street, several in gazetteer.chains.items() for chain in several]
    arrays["chain"] = np.array(
        [(street, one.parity, one.rising, len(one.number)) for street, one in flat], dtype=np.int32
    ).reshape(-1, 4)
    arrays["chain_weight"] = np.array([one.weight for _, one in flat])
    arrays["chain_number"] = _joined([one.number for _, one in flat])
    arrays["chain_along"] = _joined([one.along for _, one in flat])
    arrays["anchor"] = np.array(
        [(street, len(found[0])) for street, found in gazetteer.anchors.items()], dtype=np.int32
    ).reshape(-1, 2)
    for place, name in ((0, "number"), (1, "along"), (3, "x"), (4, "y")):
        arrays[f"anchor_{name}"] = _joined([np.asarray(found[place]) for found in gazetteer.anchors.values()])
    for name in ("landmark_x", "landmark_y", "landmark_radius", "door_x", "door_y"):
        arrays[name] = getattr(gazetteer, name)
    for name, array in gazetteer.meetings._asdict().items():
        arrays[f"meeting_{name}"] = array
    words = {
        "shown": gazetteer.shown,
        "keys": gazetteer.keys,
        "anchor_text": [text for found in gazetteer.anchors.values() for text in found[2]],
        "sides": list(gazetteer.sides.items()),
        "streets": {key: list(found.items()) for key, found in gazetteer.streets.items()},
        "alleys": [[street, number, found] for (street, number), found in gazetteer.alleys.items()],
        "landmarks": gazetteer.landmarks,
        "doors": gazetteer.doors,
        "landmark_names": gazetteer.landmark_names,
        "landmark_kinds": gazetteer.landmark_kinds,
    }
    arrays["words"] = np.frombuffer(json.dumps(words, ensure_ascii=False).encode(), dtype=np.uint8)
    return to_bytes(arrays)


def unpack(body: bytes) -> Gazetteer:
    """A gazetteer from its bytes."""
    arrays = from_bytes(body)
    words = json.loads(arrays["words"].tobytes())
    held: dict[str, Any] = {
        name: arrays[f"piece_{name}"].astype(np.float64) if name in _FLOATS else arrays[f"piece_{name}"]
        for name in Pieces._fields
    }
    pieces = Pieces(**held)
    chains: dict[int, list[Chain]] = {}
    at = 0
    for (street, parity, rising, count), weight in zip(
        arrays["chain"].tolist(), arrays["chain_weight"].tolist(), strict=True
    ):
        part = slice(at, at + count)
        at += count
        chains.setdefault(street, []).append(
            Chain(parity, weight, bool(rising), arrays["chain_number"][part], arrays["chain_along"][part])
        )
    anchors = {}
    at = 0
    for street, count in arrays["anchor"].tolist():
        part = slice(at, at + count)
        at += count
        anchors[street] = (
            arrays["anchor_number"][part].astype(np.int32),
            arrays["anchor_along"][part],
            words["anchor_text"][part],
            arrays["anchor_x"][part],
            arrays["anchor_y"][part],
        )
    return Gazetteer(
        shown=words["shown"],
        keys=words["keys"],
        pieces=pieces,
        starts=arrays["starts"],
        of_name=arrays["of_name"],
        chains=chains,
        anchors=anchors,
        sides=dict(words["sides"]),
        importance=arrays["importance"].astype(np.float64),
        streets={key: dict(found) for key, found in words["streets"].items()},
        alleys={(street, number): found for street, number, found in words["alleys"]},
        landmarks=words["landmarks"],
        landmark_names=words["landmark_names"],
        landmark_kinds=words["landmark_kinds"],
        landmark_x=arrays["landmark_x"],
        landmark_y=arrays["landmark_y"],
        landmark_radius=arrays["landmark_radius"],
        doors=words["doors"],
        door_x=arrays["door_x"],
        door_y=arrays["door_y"],
        meetings=Meetings(**{name: arrays[f"meeting_{name}"] for name in Meetings._fields}),
    )


def to_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Named arrays as one npz."""
    out = io.BytesIO()
    held: dict[str, Any] = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    np.savez_compressed(out, **held)
    return out.getvalue()


def from_bytes(body: bytes) -> dict[str, NDArray[Any]]:
    """Named arrays of an npz. Raises ValueError where it holds anything but arrays."""
    with np.load(io.BytesIO(body), allow_pickle=False) as held:
        return {name: held[name] for name in held.files}


def _joined(parts: list[NDArray[Any]]) -> NDArray[np.float64]:
    return np.concatenate([*parts, np.zeros(0)]).astype(np.float64)
