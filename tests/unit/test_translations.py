"""No text of the pages stays without English, and what is compiled is what is written."""

from __future__ import annotations

import re
import unicodedata

import pytest

from webmap import translate

PLACEHOLDER = re.compile(r"\{(\w+)[}:]|%\((\w+)\)")


@pytest.fixture(scope="module")
def catalogue():
    return translate.renewed()


def test_every_text_has_its_english(catalogue):
    assert translate.missing(catalogue) == [], "run: python -m webmap.translate, and translate what it names"


def test_what_is_compiled_is_what_is_written(catalogue):
    assert translate.SCRIPT_WORDS.read_text(encoding="utf-8") == translate.script_words(catalogue)
    written = {_texts(m.id)[0]: _texts(m.string) for m in translate.known() if m.id}
    assert {text: _texts(english) for text, english in translate.read_compiled().items()} == written


def test_texts_are_composed_unicode(catalogue):
    texts = [text for m in catalogue for text in _texts(m.id) + _texts(m.string)]
    assert [text for text in texts if unicodedata.normalize("NFC", text) != text] == []


def test_english_keeps_the_placeholders(catalogue):
    """A translation may leave a number's name out, but never uses one that the Vietnamese does not give."""
    wrong = []
    for message in catalogue:
        given = {name for text in _texts(message.id) for name in _names(text)} | {"count"}
        used = {name for text in _texts(message.string) for name in _names(text)}
        if not used <= given:
            wrong.append((message.id, used - given))
    assert wrong == []


def test_only_scripts_choose_words_by_number(catalogue):
    """“{n:report|reports}” is read by i18n.js; the server would show it as it stands."""
    by_server = [
        message.id
        for message in catalogue
        if any(not name.endswith(".js") for name, _ in message.locations)
        and any(re.search(r"\{\w+:[^}|]*\|", text) for text in _texts(message.string))
    ]
    assert by_server == []


def _names(text: str) -> list[str]:
    return [script or python for script, python in PLACEHOLDER.findall(text)]


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [text for text in value if text] if isinstance(value, (tuple, list)) else []
