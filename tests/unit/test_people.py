"""Reporters are encrypted at rest, and their pin is derived, never stored."""

from __future__ import annotations

import pytest

from incidents import people
from incidents.drafts import Reporter


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return tmp_path


def test_what_is_sealed_can_be_opened_and_nothing_can_be_read_from_it(keys) -> None:
    reporter = Reporter(name="Nguyễn Văn Ổn", phone="0903 111 222", email="on@example.vn")
    sealed = people.seal(reporter)
    assert people.open_sealed(sealed) == reporter
    for column in (sealed.name, sealed.phone, sealed.email, sealed.phone_lookup):
        assert b"0903" not in column and "Nguyễn".encode() not in column and b"example" not in column
    (key,) = (keys / "keys").glob("*.key")
    assert key.stat().st_mode & 0o077 == 0


def test_the_same_person_is_never_sealed_alike_but_found_by_telephone() -> None:
    one, two = people.seal(Reporter(phone="0903 111 222")), people.seal(Reporter(phone="0903111222"))
    assert one.phone != two.phone
    assert one.phone_lookup == two.phone_lookup


def test_a_pin_is_the_same_each_time_and_belongs_to_one_code() -> None:
    assert people.pin("7TR4KM") == people.pin("7TR4KM") != people.pin("7TR4KN")
    assert people.pin_fits("7TR4KM", people.pin("7TR4KM").lower())
    assert not people.pin_fits("7TR4KM", people.pin("7TR4KN"))
