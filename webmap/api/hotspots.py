"""/api/v1/hotspots: where things cluster, as cells."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import orjson
from flask import Blueprint, Response, request

from database.engine import read
from etl.hotspots import Answer, BadQuestion, Question
from etl.hotspots.outlines import geojson, simpler
from incidents import reference
from webmap.problems import bad_request

blueprint = Blueprint("hotspots", __name__, url_prefix="/api/v1")

SMALLEST_M = 100.0
"""Finer cells over the whole city are for the command line: an answer here is one document in memory."""


@blueprint.get("/hotspots")
def cells() -> Response:
    """GeoJSON cells with the properties of `hotspots run`, empty ones too; `empty=0` leaves those out in which nothing
    happened and nothing was found."""
    from etl.hotspots.run import run

    question = _question()
    with read() as connection:
        known = reference.current(connection)
        _known("field", question.field, set(known.field_by_code))
        _known("category", question.category, set(known.categories))
        try:
            answer = run(connection, question)
        except BadQuestion as error:
            raise bad_request(error.part, error.reason) from error
    return Response(
        orjson.dumps(_collection(answer, empty=request.args.get("empty") != "0"), option=orjson.OPT_SERIALIZE_NUMPY),
        mimetype="application/geo+json",
    )


def _question() -> Question:
    try:
        question = Question.read({name: request.args.get(name, "") for name in request.args})
    except BadQuestion as error:
        raise bad_request(error.part, error.reason) from error
    if question.engine != "own":
        raise bad_request("engine", "is for the command line only")
    if question.cell_m < SMALLEST_M and not question.area:
        raise bad_request("cell_m", f"must be at least {SMALLEST_M:g} over the whole city")
    if question.cells == "road" and not question.area and not question.within:
        raise bad_request("cells", "road needs an area or within; the whole city is for the command line")
    if question.h3 is not None and question.h3 > 9 and not question.area:
        raise bad_request("h3", "must be at most 9 over the whole city")
    if question.permutations > 999:
        raise bad_request("permutations", "must be at most 999; more are for the command line")
    return question


def _known(name: str, words: tuple[str, ...], all_: set[str]) -> None:
    for word in words:
        if word not in all_:
            raise bad_request(name, f"{word!r} is none of {', '.join(sorted(all_))}")


def _collection(answer: Answer, *, empty: bool) -> dict[str, Any]:
    columns = answer.columns
    something = (columns["n"].astype(np.int64) > 0) | (columns["class"] != "none")
    shown = np.ones(len(answer), dtype=bool) if empty else something
    outlines = simpler(answer.outlines()[shown])
    names = list(columns)
    rows = zip(*(_plain(columns[name][shown]) for name in names), strict=True)
    return {
        "type": "FeatureCollection",
        "question": {"method": answer.question.method, "count": answer.question.count, **answer.question.parameters()},
        "cells": len(answer),
        "classes": answer.classes(),
        "took_part": answer.left_out.took_part,
        "left_out": {
            name: getattr(answer.left_out, name) for name in ("void", "no_place", "coarse", "outside", "same_incident")
        },
        "warnings": [{"code": warning.code, **warning.figures} for warning in answer.warnings],
        "places": [
            {"letter": p.letter, "name": p.name, "ward": p.ward, "n": p.n, "z": p.z, "lon": p.lon, "lat": p.lat}
            for p in answer.clusters
        ],
        "features": [
            {
                "type": "Feature",
                "geometry": geojson(outline, 7),
                "properties": dict(zip(names, row, strict=True)),
            }
            for outline, row in zip(outlines, rows, strict=True)
        ],
    }


def _plain(column: np.ndarray[Any, Any]) -> list[Any]:
    if column.dtype.kind != "f":
        return list(column.tolist())
    return [None if math.isnan(value) else value for value in column.tolist()]
