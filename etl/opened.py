"""A file opened for import, with all that its mapping says: one place for the command, its preview and its dry run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from database.engine import OPERATOR, transaction
from etl import reports_in
from etl.columns import Layout
from etl.mapping import Dictionary
from etl.readers import BATCH, Source, open_source
from etl.translate import Noticed, Translated
from incidents import reference
from incidents.reference import Reference


@dataclass(frozen=True, kw_only=True)
class Opened:
    """`source` gives the rows, `layout` says where our columns are, `values` what the file's words mean."""

    source: Source
    layout: Layout
    values: Mapping[str, Mapping[str, str]]
    noticed: Noticed


@contextmanager
def opened(path: Path, dictionary: Dictionary, batch: int = BATCH) -> Iterator[Opened]:
    """Open a file as its mapping says. Raises UnreadableFile."""
    with transaction(OPERATOR) as connection:
        known = reference.current(connection)
    values = reports_in.words(known, dictionary.values)
    with open_source(path, batch, dictionary.reading) as source:
        if dictionary.plain and source.epoch is None:
            columns = {ours: theirs for ours, theirs in dictionary.columns.items() if isinstance(theirs, str)}
            yield Opened(source=source, layout=Layout(source.header, columns), values=values, noticed=Noticed())
            return
        translated = Translated(source, dictionary, _with_codes(values, known))
        yield Opened(source=translated, layout=translated.layout(), values=values, noticed=translated.noticed)


def _with_codes(values: Mapping[str, Mapping[str, str]], known: Reference) -> dict[str, dict[str, str]]:
    """The words, and our own codes, which mean themselves: what is in neither is "other"."""
    codes = {"category": list(known.categories), "unit": [unit.code for unit in known.units.values()]}
    return {name: {**{code: code for code in codes.get(name, ())}, **words} for name, words in values.items()}
