"""SQL files: headings, and what is wrong with a file."""

from __future__ import annotations

import pytest

from database.sql import queries

TWO = """-- What this file is about.

-- :first what it is for
SELECT :a::int, 'HH24:MI';

-- :second two lines
-- a remark
SELECT 2
  AS b;
"""


def test_statements_are_found_by_their_headings(tmp_path) -> None:
    file = tmp_path / "some.sql"
    file.write_text(TWO)
    found = queries(file)
    assert list(found) == ["first", "second"]
    assert found.source("second") == "-- a remark\nSELECT 2\n  AS b"
    assert list(found["first"].compile().params) == ["a"]


def test_the_file_beside_a_module_and_a_folder(tmp_path) -> None:
    (tmp_path / "some.sql").write_text(TWO)
    (tmp_path / "other.sql").write_text("-- :third\nSELECT 3")
    assert list(queries(tmp_path / "some.py")) == ["first", "second"]
    assert set(queries(tmp_path)) == {"first", "second", "third"}
    assert "versions" in queries("database.reference")


def test_an_unknown_name_says_where_it_was_looked_for(tmp_path) -> None:
    (tmp_path / "some.sql").write_text(TWO)
    with pytest.raises(KeyError, match=r":thrid in .*some\.sql"):
        queries(tmp_path / "some.sql")["thrid"]


@pytest.mark.parametrize("content", ["SELECT 1;", "SELECT 1;\n-- :late\nSELECT 2", "-- :a\nSELECT 1;\n-- :a\nSELECT 2"])
def test_a_statement_without_a_name_or_a_name_given_twice_is_refused(tmp_path, content: str) -> None:
    (tmp_path / "bad.sql").write_text(content)
    with pytest.raises(ValueError, match=r"bad\.sql"):
        queries(tmp_path / "bad.sql")


def test_no_file_no_queries(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        queries(tmp_path)
