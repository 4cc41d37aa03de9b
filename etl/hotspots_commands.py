"""The operator's commands of the group `hotspots`."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from rich.console import Console
from sqlalchemy import exc

from database.engine import read
from database.errors import OperatorError
from etl import formats
from etl.errors import UnreadableFile
from etl.hotspots.question import COUNTS, ENGINES, EXPOSURES, METHODS, SLICES, TAILS, Question

hotspots = AppGroup("hotspots", help="Điểm nóng: nơi sự cố tụ lại hơn ngẫu nhiên. (Where things cluster.)")

_STEPS = {
    "events": "Đọc sự cố (reading)",
    "cells": "Chia ô (cells)",
    "method": "Tính (computing)",
    "names": "Gọi tên nơi nóng (naming)",
}
_CRS = tuple(formats.CRS)


@hotspots.command("run")
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--method", type=click.Choice(METHODS), help="Cách tính (how); gi-star by default.")
@click.option("--count", type=click.Choice(COUNTS), help="Đếm gì (what is counted); incidents by default.")
@click.option("--cell-m", help="Cạnh ô vuông, mét (a square's side in metres); 250 by default.")
@click.option("--h3", help="Ô lục giác H3, độ phân giải 5–11 (hexagons instead of squares).")
@click.option("--since", help="Từ ngày hoặc lúc (from; a day of the city, or an instant).")
@click.option("--until", help="Đến trước ngày hoặc lúc (up to, not included).")
@click.option("--field", multiple=True, help="Lĩnh vực (field); may be repeated, or a list with commas.")
@click.option("--category", multiple=True, help="Loại (category); may be repeated, or a list.")
@click.option("--area", help="Mã khu vực, hoặc level:code (inside this area's polygon).")
@click.option("--neighbours", help="Lân cận: queen, band:METRES, nearest:K; queen by default.")
@click.option("--permutations", help="Số hoán vị; 0: phân phối chuẩn (0: normal distribution).")
@click.option("--seed", help="Cùng hạt giống, cùng kết quả (one seed, the same draws).")
@click.option("--per", type=click.Choice(EXPOSURES), help="Chia cho chiều dài đường hoặc diện tích (rates).")
@click.option("--bandwidth-m", help="Băng thông của mật độ (of the density).")
@click.option("--reach-m", help="Bán kính của st-dbscan.")
@click.option("--reach-days", help="Số ngày của st-dbscan.")
@click.option("--minimum", help="Số điểm tối thiểu của st-dbscan.")
@click.option("--slices", type=click.Choice(SLICES), help="Kỳ của emerging; month by default.")
@click.option("--tail", type=click.Choice(TAILS), help="exact: đúng cả khi số nhỏ (binomial, gi-star of counts).")
@click.option("--within", help="Vùng vẽ: 'lon,lat lon,lat …' (inside this polygon, besides --area).")
@click.option(
    "--cells", help="Khu vực thay ô: ward, district, zone:FIELD, road (areas or pieces of road instead of cells)."
)
@click.option("--engine", type=click.Choice(ENGINES), help="esda: bản tham chiếu, chậm (the reference, slow).")
@click.option("--crs", type=click.Choice(_CRS), default=_CRS[0], show_default=True, help="Hệ toạ độ (of the geometry).")
@click.option(
    "--lang", type=click.Choice(("vi", "en")), default="vi", help="Ngôn ngữ của hình và bản đồ (of pictures)."
)
def run_(out: Path, crs: str, lang: str, **asked: str | tuple[str, ...] | None) -> None:
    """Phân tích điểm nóng ra tệp. (html png pdf · csv xlsx geojson gpkg parquet fgb shp)

    Incidents are counted by default, over all of the city's land; every cell whose centre is in it takes part. Beside
    the file stands OUT.json: what was asked, of how many rows, with which versions, and the file's hash.
    """
    from etl.hotspots import files
    from etl.hotspots.run import run

    words = {name: ",".join(value) if isinstance(value, tuple) else value for name, value in asked.items() if value}
    question = Question.read(words)
    try:
        formats.of(out)
    except UnreadableFile as error:
        raise click.BadParameter(str(error), param_hint="OUT") from error
    formats.check_folder(out)
    console = Console(stderr=True)
    try:
        with read() as connection, console.status("…") as status:
            answer = run(connection, question, step=lambda name: status.update(_STEPS[name]))
            status.update("Ghi tệp (writing)")
            files.write(answer, out, crs=crs, connection=connection, lang=lang)
    except exc.OperationalError as error:
        raise OperatorError(f"Mất cơ sở dữ liệu (the database went away): {error.orig}") from error
    hot = sum(count for name, count in answer.classes().items() if name.startswith("hot"))
    click.echo(f"{answer.left_out.took_part} counted, {len(answer)} rows, {hot} hot")
