"""What POST /api/v1/reports takes: JSON, or multipart with the part `report` and parts `photos`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Annotated, Any, Literal

from flask import Request, json
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from werkzeug.datastructures import FileStorage

from incidents import photos
from incidents.drafts import Draft, Reporter, StoredPhoto
from incidents.photos import UnusablePhoto
from webmap.problems import FieldError, Problem

MAX_JSON_BYTES = 256 * 1024
"""a report's JSON, however it comes; texts have limits of their own below it"""

Line = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]


class ReporterBody(BaseModel):
    """Who reports; all of it is left out unless they want an answer."""

    model_config = ConfigDict(extra="forbid")
    name: Line | None = None
    phone: Line | None = None
    email: Line | None = None


class ReportBody(BaseModel):
    """A report as a client sends it; `lat`, `lon` in degrees (WGS 84), `accuracy_m` in metres."""

    model_config = ConfigDict(extra="forbid")
    channel: Literal["phone", "sms", "web", "app", "email", "social"]
    category: Annotated[str, StringConstraints(max_length=60)] | None = None
    description: str | None = None
    lat: Annotated[float, Field(allow_inf_nan=False)] | None = None
    lon: Annotated[float, Field(allow_inf_nan=False)] | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] | None = None
    address: str | None = None
    joins: Annotated[str, StringConstraints(max_length=12)] | None = None
    reporter: ReporterBody | None = None


@dataclass(frozen=True)
class Upload:
    """A photo as it was sent, in a file that is read when its turn comes, and the digest by which a repeated request
    is known."""

    file: IO[bytes]
    sha256: str


@dataclass(frozen=True)
class Sent:
    """A request's report: its body, and its photos before they are re-encoded."""

    body: ReportBody
    uploads: tuple[Upload, ...]

    def fields(self) -> dict[str, Any]:
        """What the body says; a field that is null says nothing."""
        return self.body.model_dump(exclude_none=True)

    def draft(self) -> Draft:
        """The draft for the door; the photos are re-encoded and stored. Raises Problem (422) on an unusable one."""
        body = self.body
        return Draft(
            channel=body.channel,
            category=body.category or None,
            description=body.description,
            address=body.address,
            joins=body.joins or None,
            lon=body.lon,
            lat=body.lat,
            accuracy_m=body.accuracy_m,
            reporter=Reporter(**body.reporter.model_dump()) if body.reporter else None,
            photos=tuple(store(upload, number) for number, upload in enumerate(self.uploads, start=1)),
        )


def read(request: Request) -> Sent:
    """The report of a request. Raises Problem: 400 unreadable, 415 another type, 422 a field that is wrong."""
    uploads: tuple[Upload, ...] = ()
    if request.mimetype == "multipart/form-data":
        text = request.form.get("report")
        if text is None and (part := request.files.get("report")):
            text = part.read(MAX_JSON_BYTES + 1).decode("utf-8", "replace")
        if text is None:
            raise Problem(400, "the part `report` with the report's JSON is missing")
        if len(text) > MAX_JSON_BYTES:
            raise Problem(413, f"the part `report` may have at most {MAX_JSON_BYTES // 1024} KB")
        uploads = uploaded(request.files.getlist("photos"))
    elif request.mimetype == "application/json" or request.mimetype.endswith("+json"):
        text = request.get_data(as_text=True)
    else:
        raise Problem(415, "send application/json, or multipart/form-data with the part `report`")
    try:
        content = json.loads(text)
    except ValueError:
        raise Problem(400, "the report is not valid JSON") from None
    if not isinstance(content, dict):
        raise Problem(400, "the report must be a JSON object")
    try:
        return Sent(ReportBody.model_validate(content), uploads)
    except ValidationError as error:
        raise invalid(error) from None


def uploaded(parts: Iterable[FileStorage]) -> tuple[Upload, ...]:
    """The photos among a form's parts; their sizes are looked at where they were spooled, none is read into memory.
    Raises Problem (422): too many, too large."""
    uploads: list[Upload] = []
    for part in parts:
        size = part.stream.seek(0, os.SEEK_END)
        part.stream.seek(0)
        if not size:
            continue
        if len(uploads) == photos.MAX_PHOTOS:
            raise Problem(422, f"at most {photos.MAX_PHOTOS} photos", (FieldError("photos", "too many photos"),))
        if size > photos.MAX_BYTES:
            why = str(photos.too_large(size))
            raise Problem(422, f"photo {len(uploads) + 1}: {why}", (FieldError("photos", why),))
        uploads.append(Upload(part.stream, hashlib.file_digest(part.stream, "sha256").hexdigest()))  # type: ignore[arg-type]
    return tuple(uploads)


def invalid(error: ValidationError) -> Problem:
    """Pydantic's findings by field, without repeating what was sent: it may be somebody's data."""
    found = tuple(
        FieldError(".".join(str(part) for part in each["loc"]), each["msg"])
        for each in error.errors(include_input=False)
    )
    return Problem(422, "; ".join(f"{each.field}: {each.message}" for each in found), found)


def store(upload: Upload, number: int) -> StoredPhoto:
    """Re-encode and keep a photo. Raises Problem (422) on an unusable one."""
    try:
        return photos.store(upload.file)
    except UnusablePhoto as error:
        raise Problem(422, f"photo {number}: {error}", (FieldError("photos", str(error)),)) from error
