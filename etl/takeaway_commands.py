"""The command `reports map`: the map of incidents as one file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from database.engine import read
from database.errors import OperatorError
from district_boundaries import areas
from etl import publish, takeaway
from etl.files_commands import Moment
from incidents import reference
from incidents.public import STATES


@click.command("map")
@click.argument("file", metavar="OUT", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--since", type=Moment(), help="Báo từ ngày hoặc lúc (reported from).")
@click.option("--until", type=Moment(), help="Báo trước ngày hoặc lúc (reported before).")
@click.option("--field", "fields", multiple=True, help="Lĩnh vực (field); may be repeated, or a list with commas.")
@click.option("--category", "categories", multiple=True, help="Loại (category); may be repeated, or a list.")
@click.option("--state", "states", multiple=True, help=f"Tình trạng: {', '.join(STATES)}.")
@click.option("--area", help="Mã khu vực, hoặc level:code (what lies in this area).")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
def map_(  # noqa: PLR0917
    file: Path,
    since: datetime | None,
    until: datetime | None,
    fields: tuple[str, ...],
    categories: tuple[str, ...],
    states: tuple[str, ...],
    area: str | None,
    lang: str,
) -> None:
    """Bản đồ sự cố thành một tệp HTML, PNG hoặc PDF. (The map's incidents as one file: html opens without a network.)

    Public columns alone; at most 5,000 incidents, the most urgent ones. What the map shows: what is open, and what was
    resolved in the last seven days.
    """
    from etl.takeaway.incident_map import incident_map

    ending = file.suffix.lower().lstrip(".")
    if ending not in ("html", "htm", "png", "pdf"):
        raise OperatorError(f"{file}: tên tệp phải kết thúc bằng .html, .png, .pdf (must end with one of them)")
    with read() as connection:
        known, index = reference.current(connection), areas.current(connection)
        chosen_fields = _words(fields, {field.code for field in known.fields}, "lĩnh vực (field)")
        place = None
        if area is not None:
            level, _, code = area.rpartition(":")
            place = index.by_code(code, level or None, None)
            if place is None:
                raise OperatorError(f"{area}: không có khu vực này (no such area)")
        chosen_categories = _words(categories, set(known.categories), "loại (category)")
        if chosen_fields is not None and chosen_categories is None:
            chosen_categories = [c.code for c in known.categories.values() if c.field in chosen_fields]
        selection = takeaway.Selection(
            categories=chosen_categories,
            states=_words(states, set(STATES), "tình trạng (state)"),
            since=since,
            until=until,
            area=place,
        )
        found = takeaway.find(connection, index, selection)
        page = ""
        if ending in ("png", "pdf"):
            from etl.takeaway.picture import draw

            with publish.published(file) as part:
                draw(part, connection, known, index, selection, found, lang=lang)
        else:
            page = incident_map(connection, known, index, selection, found, lang=lang)
    try:
        if page:
            file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{file}: không ghi được (cannot be written): {error.strerror}") from error
    asked = {
        "since": since.isoformat() if since else "", "until": until.isoformat() if until else "",
        "field": ",".join(fields), "category": ",".join(categories), "state": ",".join(states), "area": area or "",
    }  # fmt: skip
    asked = {name: word for name, word in asked.items() if word}
    options = "".join(f" --{name} {word}" for name, word in asked.items())
    told = {
        "format": "html" if page else ending, "rows": len(found.rows), "left_out": found.left_out,
        "crs": "EPSG:3857" if page else "EPSG:9210", "query": asked,
        "command": f"flask --app app reports map OUT --lang {lang}{options}",
    }  # fmt: skip
    publish.write_sidecar(file, told, ("folium", "matplotlib", "shapely", "pyproj"))
    left = f", {found.left_out} left out" if found.left_out else ""
    click.echo(f"{file}: {len(found.rows)} incidents, {file.stat().st_size // 1024} KB{left}")


def _words(given: tuple[str, ...], known: set[str], what: str) -> list[str] | None:
    words = [word.strip() for each in given for word in each.split(",") if word.strip()]
    for word in words:
        if word not in known:
            raise OperatorError(f"{word}: không có {what} này; có: {', '.join(sorted(known))}")
    return words or None
