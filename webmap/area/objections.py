""" "Not my area", said with one key and a reason."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import NotFound

from database.engine import transaction
from incidents import objection, reference
from incidents.codes import normalise
from incidents.errors import NoSuchReport, UnknownCode
from incidents.reassignment import CannotChange
from webmap.area import blueprint, kept_nowhere, named, who
from webmap.problems import Problem, unprocessable


@blueprint.post("/<code>/incidents/<report>/objection")
def object_to(code: str, report: str) -> Response:
    """Form fields `reason`, `note`; answers `{returned}`. 404 for what is not theirs to see, 409 where it is closed."""
    me = who()
    try:
        asked = normalise(report)
        with transaction(me.context) as connection:
            area, index = named(connection, code)
            made = objection.object_to(
                connection,
                reference.current(connection),
                index,
                asked,
                who=me.context,
                reason=request.form.get("reason", "")[:40],
                note=request.form.get("note", "")[:2000],
                area_id=area.id,
            )
    except (NoSuchReport, UnknownCode):
        raise NotFound from None
    except CannotChange as refused:
        if refused.field:
            raise unprocessable(refused.field, refused.problem) from None
        raise Problem(409, refused.problem) from None
    return kept_nowhere({"returned": made.returned})
