"""SQL kept in SQL files: a heading `-- :name what it is for`, then the statement. Python holds none of it."""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import TextClause, text

# SQLAlchemy does not see a parameter with a cast right behind it, `:on::date`; in brackets it does.
_CAST_PARAMETER = re.compile(r"(?<![:\w\\]):(\w+)(?=::)")
# Comments on lines of their own and indentation, which only people need: the driver keeps what it made of a statement
# for the next time only where it has no more than 4,096 bytes.
_FOR_PEOPLE = re.compile(r"^[^\S\n]*--.*\n|^[^\S\n]+", re.MULTILINE)
_HEADING = re.compile(r"^--\s*:(?:name\s+)?([A-Za-z_]\w*)[^\S\n]*(.*)$", re.MULTILINE)


class Queries(Mapping[str, TextClause]):
    """The named statements of one file or folder. `queries["name"]` is ready to execute with bound parameters."""

    def __init__(self, statements: Mapping[str, str], source: str) -> None:
        self._source = source
        self._statements = dict(statements)
        self._clauses = {
            name: text(_CAST_PARAMETER.sub(r"(:\1)", _FOR_PEOPLE.sub("", statement)))
            for name, statement in self._statements.items()
        }

    def __getitem__(self, name: str) -> TextClause:
        try:
            return self._clauses[name]
        except KeyError:
            raise KeyError(f"no statement :{name} in {self._source}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._clauses)

    def __len__(self) -> int:
        return len(self._clauses)

    def source(self, name: str) -> str:
        """The statement as it stands in the file, for psycopg's COPY and for EXPLAIN."""
        return self._statements[name]


@functools.cache
def queries(where: Path | str) -> Queries:
    """The statements of a `.sql` file, of the `.sql` beside a module (`__file__`), or of all `.sql` files of a
    folder or of a package or a module by its dotted name (`__package__`).

    Raises FileNotFoundError where there is none, ValueError where a name is given twice or SQL stands before the
    first heading.
    """
    path = _path(where)
    files = sorted(path.glob("*.sql")) if path.is_dir() else [path]
    statements: dict[str, str] = {}
    for file in files:
        for name, statement in _parse(file):
            if name in statements:
                raise ValueError(f"{file}: :{name} is given twice")
            statements[name] = statement
    if not statements:
        raise FileNotFoundError(f"no named statement in {path}")
    return Queries(statements, str(path))


def _path(where: Path | str) -> Path:
    path = Path(where)
    if path.suffix == ".py":
        return path.with_suffix(".sql")
    if path.exists() or path.suffix == ".sql":
        return path
    spec = importlib.util.find_spec(str(where))
    if spec is None or spec.origin is None:
        raise FileNotFoundError(str(where))
    origin = Path(spec.origin)
    return origin.with_suffix(".sql") if spec.submodule_search_locations is None else origin.parent


def _parse(file: Path) -> Iterator[tuple[str, str]]:
    content = file.read_text(encoding="utf-8")
    headings = list(_HEADING.finditer(content))
    before = content[: headings[0].start()] if headings else content
    if any(line.strip() and not line.lstrip().startswith("--") for line in before.splitlines()):
        raise ValueError(f"{file}: SQL before the first `-- :name` heading")
    ends = [heading.start() for heading in headings[1:]] + [len(content)]
    for heading, end in zip(headings, ends, strict=True):
        yield heading[1], content[heading.end() : end].strip().rstrip(";").rstrip()
