"""/api/v1/reports: send one, look at one, list them."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, Row

from database.engine import PUBLIC, Context, read, transaction
from district_boundaries.areas import AreaIndex
from incidents import idempotency, public, reference
from incidents.codes import normalise
from incidents.drafts import Receipt
from incidents.errors import NoSuchReport, Refusal, UnknownCode
from incidents.intake import receive
from incidents.people import pin
from incidents.reference import Reference
from incidents.workflow import GONE, STATUSES
from webmap import metrics, sessions
from webmap.api import parameters, report_body
from webmap.problems import FieldError, Problem, bad_request

blueprint = Blueprint("reports", __name__, url_prefix="/api/v1")

OPEN_CHANNELS = frozenset({"web", "app"})
"""What a caller without log-in, key or signature may claim to be."""
ANY_CHANNEL = frozenset({"call_taker", "administrator"})
"""Whoever has one of these roles writes down what came in by any channel."""


@blueprint.post("/reports")
def send() -> tuple[Response, int, dict[str, str]]:
    """Take a report in: 201 with its code, place, unit and deadline."""
    sent = report_body.read(request)
    account = sessions.account()
    context = account.context if account is not None and account.roles & ANY_CHANNEL else PUBLIC
    if context is PUBLIC and sent.body.channel not in OPEN_CHANNELS:
        raise Problem(
            403,
            f"the channel {sent.body.channel!r} needs a log-in, a key or a signature",
            (FieldError("channel", "web or app without a log-in"),),
        )
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > idempotency.MAX_KEY:
        raise bad_request("Idempotency-Key", f"at most {idempotency.MAX_KEY} characters")
    answer = take(sent, key, context)
    return jsonify(answer), 201, {"Location": answer["url"]}


def take(sent: report_body.Sent, key: str = "", context: Context = PUBLIC) -> dict[str, Any]:
    """Take a report in, or under a key that was used give its first answer again. Raises Problem.
    Pages without a script come in here too. A key belongs to its caller, '' without log-in."""
    caller = "" if context is PUBLIC else context.actor
    draft = sent.draft()
    with transaction(context) as connection:
        if key:
            body_hash = idempotency.digest(sent.fields(), [upload.sha256 for upload in sent.uploads])
            try:
                repeated = idempotency.claim(connection, caller, key, body_hash)
            except idempotency.KeyReused as error:
                raise Problem(409, str(error), (FieldError("Idempotency-Key", "was used with another body"),)) from None
            if repeated is not None:
                return _with_pin(repeated)
        known, index = reference.current_with_areas(connection)
        (outcome,) = receive(connection, [draft], actor=context.actor, known=known, index=index)
        if isinstance(outcome, Refusal):
            # Raised inside the transaction: the claimed key goes with it, only a 201 is kept.
            raise Problem(422, f"{outcome.field}: {outcome.message}", (FieldError(outcome.field, outcome.message),))
        answer = receipt_document(outcome, known, index)
        if key:
            idempotency.keep(connection, caller, key, answer)
    metrics.received(draft.channel, len(draft.photos))
    return _with_pin(answer)


def _with_pin(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with the reporter's pin, which is derived again each time and never stored."""
    code = answer["code"]
    secret = pin(code)
    # The pin follows the # so that it reaches no server's log.
    return {**answer, "follow": {"url": f"/r/{code}#pin={secret}", "pin": secret}}


def receipt_document(receipt: Receipt, known: Reference, index: AreaIndex) -> dict[str, Any]:
    """A receipt in the shape of the interface, without the pin."""
    place = receipt.place
    return {
        "code": receipt.code,
        "url": f"/r/{receipt.code}",
        "status": receipt.status,
        "ward": public.area(index, receipt.ward_id),
        "district": public.area(index, receipt.district_id),
        "zones": public.zones(index, known, receipt.zone_ids, receipt.reported_at),
        "unit": public.unit(known, receipt.unit_id),
        "category": receipt.category,
        "category_suggestion": (
            {"code": receipt.suggestion[0], "confidence": receipt.suggestion[1]} if receipt.suggestion else None
        ),
        "due_at": public.instant(receipt.due_at),
        "location": (
            {
                "lat": place.lat,
                "lon": place.lon,
                "precision": place.precision,
                "accuracy_m": place.accuracy_m,
                "confidence": place.confidence,
                "source": place.source,
            }
            if place
            else None
        ),
        "review_reasons": list(receipt.review_reasons),
        "candidate_units": [public.unit(known, unit_id) for unit_id in receipt.candidate_unit_ids],
        "possible_duplicates": [
            {
                "code": each.code,
                "url": f"/r/{each.code}",
                "category": each.category,
                "status": each.status,
                "distance_m": each.distance_m,
                "reported_at": public.instant(each.reported_at),
            }
            for each in receipt.duplicates
        ],
        "joined": {"code": receipt.joined, "url": f"/r/{receipt.joined}"} if receipt.joined else None,
    }


@blueprint.get("/reports/<code>")
def show(code: str) -> Response:
    """One report's public part, with its steps."""
    with read() as connection:
        row = find(connection, code)
        known, index = reference.current_with_areas(connection)
        return jsonify(public.document(row, known, index) | public.steps_and_photos(row, known))


def find(connection: Connection, typed: str) -> Row[Any]:
    """A report's public row by its code in any spelling. Raises Problem 404; a withdrawn one was never there."""
    try:
        code = normalise(typed)
        row = connection.execute(public.Q["report_by_code"], {"code": code}).first()
        if row is None or row.status in GONE:
            raise NoSuchReport(code)
    except (UnknownCode, NoSuchReport) as error:
        raise Problem(404, str(error)) from None
    return row


@blueprint.get("/reports")
def listing() -> Response:
    """Reports as GeoJSON, newest first, page by page."""
    args = request.args
    limit = parameters.limit(args)
    with read() as connection:
        known, index = reference.current_with_areas(connection)
        area = parameters.area(args, index)
        before_at, before_id = _cursor(args)
        # Before the rows: a report sealed in between comes twice to who goes on with the stream, never not at all.
        last_event_id = public.last_sealed(connection)
        rows = connection.execute(
            public.Q["report_list"],
            {
                **public.box_parameters(parameters.box(args)),
                "fields": parameters.words(args, "field", {field.code for field in known.fields}),
                "categories": parameters.words(args, "category", set(known.categories)),
                "statuses": parameters.words(args, "status", set(STATUSES)),
                "since": parameters.moment(args, "since"),
                "until": parameters.moment(args, "until"),
                "area_id": area.id if area else None,
                "before_at": before_at,
                "before_id": before_id,
                "limit": limit + 1,
            },
        ).all()
        features = [_feature(row, known, index) for row in rows[:limit]]
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = parameters.next_page(_to_cursor(last.reported_at, last.id))
    answer = jsonify(
        {
            "type": "FeatureCollection",
            "features": features,
            "last_event_id": last_event_id,
            "links": [{"rel": "next", "href": following, "type": "application/geo+json"}] if following else [],
            "next": following,
        }
    )
    answer.mimetype = "application/geo+json"
    return answer


def _feature(row: Row[Any], known: Reference, index: AreaIndex) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": row.code,
        "geometry": None if row.lon is None else {"type": "Point", "coordinates": [row.lon, row.lat]},
        "properties": public.document(row, known, index),
    }


def _to_cursor(at: datetime, row_id: int) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{row_id}".encode()).decode().rstrip("=")


def _cursor(args: parameters.Arguments) -> tuple[datetime | None, int | None]:
    text = args.get("cursor", "")
    if not text:
        return None, None
    try:
        at, row_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("|")
        return datetime.fromisoformat(at), int(row_id)
    except (ValueError, UnicodeDecodeError):
        raise bad_request("cursor", "is not one that this list gave") from None
