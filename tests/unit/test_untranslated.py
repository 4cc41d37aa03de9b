"""Nothing a reader sees stands in the pages without going through the catalogue: templates, scripts, Python.

The catalogue's own test (test_translations.py) says that every text in it has its English; this one says that every
text is in it. In templates any word counts; in scripts and Python what is written with Vietnamese letters.
"""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

WEBMAP = Path(__file__).resolve().parents[2] / "webmap"
VIETNAMESE = re.compile("[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]{2,}")
MARKERS = {"_", "_l", "gettext", "ngettext", "lazy_gettext", "lazy_ngettext", "N_"}

NAMES = {
    "Hotline",
    "OpenStreetMap",
    "VI",
    "EN",
    "GPS",
    "API",
    "JSON",
    "GeoJSON",
    "CSV",
    "PDF",
    "TP",
    "UBND",
    "HTML",
    "OpenAPI",
}
"""The same in every language."""
SAID_IN_ATTRIBUTES = {"placeholder", "aria-label", "aria-roledescription", "title", "alt", "data-confirm"}


# ---- templates
class Said(HTMLParser):
    """The words of a template that stand outside of its expressions."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "kbd", "code"):
            self.silent += 1
        for name, value in attrs:
            if name in SAID_IN_ATTRIBUTES:
                self.say(value or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "kbd", "code"):
            self.silent -= 1

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.say(data)

    def say(self, text: str) -> None:
        self.words += [word for word in WORD.findall(text) if word not in NAMES]


def words_of(template: str) -> list[str]:
    """An expression may hold quotes and angle brackets, so it goes before the page is read as HTML. A block of classes
    says nothing."""
    bare = re.sub(r"\{% block \w+_class %\}.*?\{% endblock %\}", "", template)
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", bare, flags=re.DOTALL)
    bare = re.sub(r"\{\{.*?\}\}", "§", bare, flags=re.DOTALL)
    said = Said()
    said.feed(bare)
    return said.words


def templates() -> list[Path]:
    return sorted(WEBMAP.glob("templates/**/*.html"))


SAID_ANYHOW = {
    "base.html": {"Tiếng", "Việt", "English"},  # a language by its own name
    "reports.html": {"TR", "KM"},
    "places.html": {"TR", "KM"},  # a code, as an example
    # the interface's description is English, for programmers, and marked so
    "api_docs.html": {"Parameters", "name", "in", "what", "Answers", "status", "Schemas"},
}


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.relative_to(WEBMAP / "templates").as_posix())
def test_no_word_of_a_template_is_untranslated(path: Path) -> None:
    assert set(words_of(path.read_text(encoding="utf-8"))) <= SAID_ANYHOW.get(path.name, set())


def test_it_would_find_one_in_a_template() -> None:
    assert words_of('<p>{{ _("Chào") }} bạn</p>') == ["bạn"]
    assert words_of('<input placeholder="Địa chỉ" aria-label="{{ _("Tìm") }}">') == ["Địa", "chỉ"]
    assert words_of('<p>{% if a > 1 %}{{ _("Đã <b>xong</b>") }}{% endif %}</p>') == []


# ---- scripts
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:'\"`\\])//[^\n]*", re.DOTALL)
_STRING = re.compile(r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`", re.DOTALL)


def without_expressions(script: str) -> str:
    """Template strings cut open: what stands in `${…}` becomes script like any other."""
    out, depth = [], 0
    at = 0
    while at < len(script):
        if script.startswith("${", at):
            depth += 1
            out.append("` + (")
            at += 2
        elif depth and script[at] == "{":
            depth += 1
            out.append("{")
            at += 1
        elif depth and script[at] == "}":
            depth -= 1
            # the last brace of an expression opens the string again; braces within it stay
            out.append(") + `" if _closes(out) else "}")
            at += 1
        else:
            out.append(script[at])
            at += 1
    return "".join(out)


def _closes(out: list[str]) -> bool:
    """Whether the brace that ends here is the one of the last `${`."""
    opened = 0
    for part in reversed(out):
        if part in (") + `", "}"):
            opened += 1
        elif part in ("` + (", "{"):
            if not opened:
                return part == "` + ("
            opened -= 1
    return False


def unsaid_in_script(script: str) -> list[str]:
    """String literals with Vietnamese letters that are not the first thing in t(…)."""
    bare = without_expressions(_COMMENT.sub("", script))
    found = []
    for literal in _STRING.finditer(bare):
        said = re.search(r"(?<![\w.$])t\(\s*$", bare[: literal.start()])
        if VIETNAMESE.search(literal[0]) and not said:
            found.append(literal[0])
    return found


def scripts() -> list[Path]:
    return sorted(path for path in WEBMAP.glob("static/js/**/*.js") if "locale" not in path.parts)


# name of an area's kind, as it stands before its name in the data: it is looked for, not said
LOOKED_FOR = {
    "place_line.js": {"'Phường '", "'Xã '", "'Thị trấn '", "'đối diện '"},
    "search_text.js": {r"`\\s*°?\\s*[EĐ]?\\s*\\)?$`"},
    "danger.js": {"/[đĐ]/g"},
}


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.relative_to(WEBMAP / "static/js").as_posix())
def test_no_text_of_a_script_is_untranslated(path: Path) -> None:
    assert set(unsaid_in_script(path.read_text(encoding="utf-8"))) <= LOOKED_FOR.get(path.name, set())


def test_it_would_find_one_in_a_script() -> None:
    assert unsaid_in_script("say('Đã gửi'); say(t('Đã nhận')); // Chưa") == ["'Đã gửi'"]
    assert unsaid_in_script("`${t('{n} phản ánh', { n: { a: 1 } })} · ${x} phản hồi`") == ["` phản hồi`"]


# ---- Python
def unsaid_in_python(source: str) -> list[str]:
    """String constants with Vietnamese letters outside of the catalogue's functions; docstrings are for us. Both
    languages beside each other in one text, "…(…)" or "… / …", are understood by everybody."""
    tree = ast.parse(source)
    ours: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in MARKERS:
                ours.update(id(each) for argument in node.args for each in ast.walk(argument))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            ours.add(id(node.value))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in ours
        and VIETNAMESE.search(node.value)
    ]


NOT_FOR_READERS = {
    "geocode.py": "the detail of a problem, English, with an address as an example",
    "locate.py": "the detail of a problem in both languages",
    "coordinates.py": "letters of coordinates, which are looked for",
    "responsible.py": "letters of coordinates, which are looked for",
    "spelling.py": "letters as they are read out, in both languages beside each other",
    "tiles.py": "the attribution in TileJSON, which maps of others show",
    "welcome.py": "the line of the terminal, in both languages",
    "supervisor.py": "the line of the terminal, in both languages",
}


def modules() -> list[Path]:
    return sorted(path for path in WEBMAP.glob("**/*.py") if path.name not in NOT_FOR_READERS)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(WEBMAP).as_posix())
def test_no_text_of_python_is_untranslated(path: Path) -> None:
    assert unsaid_in_python(path.read_text(encoding="utf-8")) == []


def test_it_would_find_one_in_python() -> None:
    assert unsaid_in_python('"""Tiếng Việt."""\nx = _("Mã")\ny = "Mã sai"') == ["Mã sai"]
