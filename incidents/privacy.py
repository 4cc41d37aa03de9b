"""Looking at a person, forgetting one, and changing the key they are encrypted with.

The record holds ids, codes and salted commitments, so a person can be forgotten and it still verifies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection, Row

from database.engine import OPERATOR, transaction
from database.sql import queries
from incidents import people, photos
from incidents.drafts import Reporter
from incidents.errors import NoSuchReport
from incidents.record.events import NewEvent, write

PERSON_SEEN, PERSON_FORGOTTEN, KEYS_ROTATED = "person.seen", "person.forgotten", "people.keys_rotated"
_BATCH = 1_000

Q = queries(Path(__file__).with_name("privacy.sql"))


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """What was taken out of one report."""

    code: str
    person: bool
    texts: bool
    photos: int
    files: tuple[str, ...]
    """hashes of photos that no report has any more: `remove_files` takes them off the disk, after the commit"""


def look(connection: Connection, code: str, *, actor: str, reason: str) -> Reporter | None:
    """Who sent a report, None where they did not say. Every look is an event in the caller's transaction: who, when,
    of which report and why (a word: `answer`, `export`, `desk`), never what was seen. Raises NoSuchReport."""
    row = _row(connection, code)
    write(connection, [_event(PERSON_SEEN, row, actor, code=code, reason=reason)])
    if row.person_id is None:
        return None
    sealed = connection.execute(Q["sealed_person"], {"id": row.person_id}).first()
    return None if sealed is None else people.open_sealed(_sealed(sealed))


def same_person(connection: Connection, code: str) -> list[str]:
    """The codes of all reports by the sender of this one, it among them. Raises NoSuchReport."""
    row = _row(connection, code)
    if row.person_id is None:
        return [code]
    return list(connection.execute(Q["codes_of_the_same"], {"id": row.person_id}).scalars())


def forget(connection: Connection, code: str, *, actor: str, texts: bool = True, with_photos: bool = True) -> Forgotten:
    """Take the sender of a report out of the database, and with them what they wrote and photographed unless it is to
    stay. The report itself (kind, place, unit, steps) stays. Raises NoSuchReport."""
    row = _row(connection, code)
    about = {"report_id": row.report_id}
    if row.person_id is not None:
        connection.execute(Q["detach"], about)
        connection.execute(Q["delete_person"], {"id": row.person_id})
    gone: list[str] = []
    if texts:
        connection.execute(Q["erase_texts"], about)
        connection.execute(Q["erase_public_text"], about)
    if with_photos:
        gone = list(connection.execute(Q["erase_photos"], about).scalars())
        connection.execute(Q["erase_public_photos"], about)
    connection.execute(Q["erase_kept_answers"], {"code": code})
    used = set(connection.execute(Q["still_used"], {"hashes": gone}).scalars()) if gone else set()
    write(connection, [_event(PERSON_FORGOTTEN, row, actor, code=code, texts=texts, photos=len(gone))])
    return Forgotten(
        code=code,
        person=row.person_id is not None,
        texts=texts,
        photos=len(gone),
        files=tuple(each for each in gone if each not in used),
    )


def remove_files(forgotten: Forgotten) -> None:
    """Take the photos off the disk. After the commit: before it, a rollback would leave rows without files."""
    for sha256 in forgotten.files:
        for small in (False, True):
            photos.path(sha256, small=small).unlink(missing_ok=True)


def rotate_keys() -> Iterator[int]:
    """Make a new key and encrypt everybody with it, in batches of a transaction each; yields how many so far. The old
    keys stay for backups that were made under them: see `unused_keys`. Begun again after an interruption it goes on
    with a further key."""
    key_id, done = people.add_key(), 0
    while True:
        with transaction(OPERATOR) as connection:
            rows = connection.execute(Q["of_other_keys"], {"key_id": key_id, "limit": _BATCH}).all()
            for row in rows:
                sealed = people.seal(people.open_sealed(_sealed(row)))
                connection.execute(Q["reseal"], {"id": row.id, **asdict(sealed)})
            if not rows:
                write(
                    connection,
                    [NewEvent(kind=KEYS_ROTATED, actor=OPERATOR.actor, data={"key": key_id, "people": done})],
                )
        done += len(rows)
        yield done
        if not rows:
            return


def unused_keys(connection: Connection) -> list[str]:
    """Keys that nobody in the database is encrypted with, the newest left out."""
    used = {row.key_id for row in connection.execute(Q["keys_in_use"])}
    return [key_id for key_id in people.key_ids()[:-1] if key_id not in used]


def _row(connection: Connection, code: str) -> Row[tuple[object, ...]]:
    row = connection.execute(Q["person_of"], {"code": code}).first()
    if row is None:
        raise NoSuchReport(code)
    return row


def _sealed(row: Row[tuple[object, ...]]) -> people.SealedPerson:
    def plain(value: object) -> bytes | None:
        return None if value is None else bytes(value)  # type: ignore[call-overload]

    return people.SealedPerson(
        key_id=row.key_id,
        name=plain(row.name),
        phone=plain(row.phone),
        email=plain(row.email),
        phone_lookup=plain(row.phone_lookup),
    )


def _event(kind: str, row: Row[tuple[object, ...]], actor: str, **data: object) -> NewEvent:
    return NewEvent(kind=kind, actor=actor, incident_id=row.incident_id, report_id=row.report_id, data=data)
