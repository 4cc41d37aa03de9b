"""People: every look is recorded, keys are changed under a running site, and who is forgotten is gone."""

from __future__ import annotations

import io
import json
import re
import subprocess

import pytest
from PIL import Image
from sqlalchemy import text

from database import settings
from database.engine import OPERATOR, WORKER, Context, transaction
from incidents import moderation, people, photos, privacy
from incidents.record.sequencer import run_once
from incidents.record.verify import verify

CANARY = {"name": "Trần Chim Hoàng Yến", "phone": "0909 777 313", "email": "yen.canary@example.org"}
TEXT = "Gọi tôi, Trần Chim Hoàng Yến, số 0909777313"
DESK = Context(actor="account:1", roles=frozenset({"call_taker"}))


@pytest.fixture
def send(client, empty_database):
    """A function that sends a report by the canary; its code."""

    def make(colour: str = "red", key: str = "") -> str:
        picture = io.BytesIO()
        Image.new("RGB", (40, 30), colour).save(picture, "JPEG")
        picture.seek(0)
        report = {"channel": "web", "category": "fallen_tree", "lat": 10.7725, "lon": 106.6980, "reporter": CANARY}
        report |= {"description": TEXT, "address": "12/3 hẻm nhà Trần Chim Hoàng Yến, Quận 1"}
        answer = client.post(
            "/api/v1/reports",
            data={"report": json.dumps(report), "photos": (picture, "p.jpg")},
            headers={"Idempotency-Key": key} if key else {},
        )
        assert answer.status_code == 201, answer.text
        return answer.json["code"]

    return make


def events(kind: str) -> list:
    with transaction(OPERATOR) as connection:
        return connection.execute(text("SELECT * FROM event WHERE kind = :kind ORDER BY id"), {"kind": kind}).all()


def dump() -> str:
    """The whole database as text, without the numbers of areas and basemap, among which are all."""
    left_out = [f"--exclude-table-data={name}" for name in ("area", "area_link", "basemap")]
    program = ["pg_dump", "--inserts", *left_out, str(settings.current().database_url)]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout


def test_every_look_at_a_person_is_an_event(send) -> None:
    code = send()
    with transaction(DESK) as connection:
        assert privacy.look(connection, code, actor=DESK.actor, reason="answer").phone == CANARY["phone"]
    (event,) = events("person.seen")
    assert (event.actor, event.data) == ("account:1", {"code": code, "reason": "answer"})
    for role in ("unit", "area", "planner"):
        who = Context(actor="account:2", roles=frozenset({role}))
        try:
            with transaction(who) as connection:
                assert privacy.look(connection, code, actor="account:2", reason="x") is None
        except privacy.NoSuchReport:
            pass
    assert len(events("person.seen")) == 1


def test_who_is_forgotten_leaves_nothing_and_the_record_verifies(send, tmp_path) -> None:
    head = tmp_path / "record.head"
    code, other = send(key="k1"), send()
    with transaction(OPERATOR) as connection:
        shas = connection.execute(text("SELECT sha256 FROM photo")).scalars().all()
        moderation.judge(connection, code, "released", text=True, photos=shas, actor="account:1")
    with transaction(WORKER) as connection:
        run_once(connection, head)
    assert TEXT in dump()
    with transaction(OPERATOR) as connection:
        assert sorted(privacy.same_person(connection, code)) == sorted([code, other])
    for each in (code, other):
        with transaction(OPERATOR) as connection:
            done = privacy.forget(connection, each, actor="operator")
        privacy.remove_files(done)
        assert done.person and done.photos == 1
        # The second report had the same photo: its file stays until nobody has it.
        assert photos.path(shas[0]).exists() == (each == code)
    # Names of streets and places are nobody's: a restaurant may be called as a person is.
    places = ("INSERT INTO public.gazetteer_entry ", "INSERT INTO public.gazetteer_copy ")
    said = "\n".join(line for line in dump().splitlines() if not line.startswith(places))
    for trace in ("Hoàng Yến", "Hoang Yen", "0909", "777313", "canary@", shas[0]):
        found = [line for line in said.splitlines() if trace in line and "INSERT INTO public.event " not in line]
        assert not found, trace
    recorded = "\n".join(line for line in said.splitlines() if "INSERT INTO public.event " in line)
    assert "Yến" not in recorded and "0909" not in recorded
    with transaction(OPERATOR) as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM report WHERE text_salt IS NOT NULL")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM idempotency")).scalar() == 0
        # What is left of the report: its kind, place, unit and steps.
        left = connection.execute(text("SELECT code, category, geom IS NOT NULL, description FROM public_report")).all()
    assert sorted(left) == sorted((each, "fallen_tree", True, None) for each in (code, other))
    assert len(events("person.forgotten")) == 2
    with transaction(WORKER) as connection:
        run_once(connection, head)
    with transaction(OPERATOR) as connection:
        verdict = verify(connection, head)
    assert verdict.whole and not verdict.unsealed and verdict.sealed == 5


def test_texts_and_photos_stay_where_they_are_to_stay(send) -> None:
    code = send()
    with transaction(OPERATOR) as connection:
        done = privacy.forget(connection, code, actor="operator", texts=False, with_photos=False)
    assert done.person and not done.texts and not done.photos
    with transaction(OPERATOR) as connection:
        assert connection.execute(text("SELECT description FROM report")).scalar() == TEXT
        assert connection.execute(text("SELECT count(*) FROM photo")).scalar() == 1


def test_keys_are_changed_and_what_was_encrypted_is_still_read(send) -> None:
    codes = [send(colour) for colour in ("red", "green", "blue")]
    before = people.key_ids()
    assert list(privacy.rotate_keys())[-1] == 3
    assert people.key_ids()[:-1] == before
    late = send("white")  # a process that was running takes the new key from now on
    with transaction(OPERATOR) as connection:
        rows = connection.execute(text("SELECT DISTINCT key_id FROM person")).scalars().all()
        assert rows == [people.key_ids()[-1]]
        assert privacy.unused_keys(connection) == before
        assert len(privacy.same_person(connection, codes[0])) == 4  # found by telephone under the new key too
    for key_id in before:
        people.drop_key(key_id)
    for code in (*codes, late):
        with transaction(DESK) as connection:
            assert privacy.look(connection, code, actor=DESK.actor, reason="answer").name == CANARY["name"]
    assert re.fullmatch(r"people-\d{4}", people.key_ids()[-1])
