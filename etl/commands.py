"""The operator's commands of the group `demo`."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from database import settings
from database.engine import OPERATOR, transaction
from etl.backup_commands import backup
from etl.demo import accounts, planted
from etl.demo import fill as filling
from etl.demo.geography import load
from etl.demo.run import Run
from etl.errors import EtlError
from etl.files_commands import export, import_
from etl.gazetteer_commands import gazetteer
from etl.hotspots_commands import hotspots
from etl.reports_commands import reports
from etl.schedule_commands import schedule
from etl.takeaway_commands import map_

demo = AppGroup("demo", help="Dữ liệu mẫu: phản ánh giả lập, đánh dấu “mẫu”. (Invented reports, marked as demo.)")
reports.add_command(import_)
reports.add_command(export)
reports.add_command(map_)
hotspots.add_command(schedule)
GROUPS: list[click.Group] = [demo, reports, gazetteer, hotspots, backup]

SEED, MONTHS, REPORTS = 1022, 12, 20_000


class _Moment(click.ParamType[datetime]):
    """An instant with its offset, or a day (its begin in UTC+7)."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value}: cần dạng 2026-11-24 hoặc 2026-11-24T10:00+07:00 (a day or an instant)", param, ctx)
        if moment.tzinfo is None:
            if len(str(value)) > len("2026-11-24"):
                self.fail(f"{value}: thiếu múi giờ, ví dụ +07:00 (the offset is missing)", param, ctx)
            moment = datetime.fromisoformat(f"{moment.date()}T00:00:00+07:00")
        return moment.astimezone(UTC)


@demo.command("fill")
@click.option("--reports", type=click.IntRange(1), default=REPORTS, show_default=True, help="How many reports.")
@click.option("--months", type=click.IntRange(1, 240), default=MONTHS, show_default=True, help="Over how many months.")
@click.option("--seed", type=click.IntRange(0), default=SEED, show_default=True, help="One seed, the same reports.")
@click.option("--until", type=_Moment(), help="End of the span, not included; now when not given.")
@click.option("--once", is_flag=True, help="Do nothing where a run is complete; finish one that was interrupted.")
@click.option("--clusters", is_flag=True, help="Print the planted clusters at the end.")
def fill(*, reports: int, months: int, seed: int, until: datetime | None, once: bool, clusters: bool) -> None:
    """Fill in demo reports through the same door that every report takes, and make the demo accounts."""
    with transaction(OPERATOR) as connection:
        accounts.fill(connection, settings.current().data_dir)
    run, begin = filling.new_run(seed=seed, months=months, reports=reports, until=until), 0
    if once:
        with transaction(OPERATOR) as connection:
            last = filling.last_run(connection)
        if last is not None:
            run, begin = last
            if begin >= run.reports:
                click.echo(f"Dữ liệu mẫu đã có: {run.reports} phản ánh (demo data is there).")
                return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    try:
        with bar:
            task = bar.add_task("Dữ liệu mẫu (demo reports)", total=run.reports)
            done = filling.fill(run, begin=begin, advance=lambda count: bar.advance(task, count))
    except EtlError as error:
        raise click.ClickException(f"{error.__doc__} {error}") from error
    click.echo(f"Đã nạp {done} phản ánh mẫu (demo reports filled in): {run.key}")
    if clusters:
        _print_clusters(run)


@demo.command("clusters")
@click.option("--reports", type=click.IntRange(1), default=REPORTS, show_default=True)
@click.option("--months", type=click.IntRange(1, 240), default=MONTHS, show_default=True)
@click.option("--seed", type=click.IntRange(0), help="Of a run not filled in; without it, the run filled in last.")
@click.option("--until", type=_Moment(), help="With --seed: end of the span; now when not given.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV on standard output.")
def clusters(*, reports: int, months: int, seed: int | None, until: datetime | None, as_csv: bool) -> None:
    """Print the centres of the planted clusters, which a hotspot analysis should find."""
    run = _last() if seed is None else filling.new_run(seed=seed, months=months, reports=reports, until=until)
    _print_clusters(run, as_csv=as_csv)


@demo.command("duplicates")
def duplicates() -> None:
    """Print the known duplicates of the run filled in last, as CSV: a report's code, the code of the first one."""
    run = _last()
    with transaction(OPERATOR) as connection:
        pairs = filling.known_duplicates(connection, run)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("code", "first_code"))
    writer.writerows(pairs)


def _last() -> Run:
    with transaction(OPERATOR) as connection:
        last = filling.last_run(connection)
    if last is None:
        raise click.ClickException("Chưa có dữ liệu mẫu: chạy demo fill, hoặc cho --seed (no demo data yet).")
    return last[0]


def _print_clusters(run: Run, *, as_csv: bool = False) -> None:
    titles = ("name", "category", "lon", "lat", "radius_m", "since", "until", "reports", "ward")
    rows = [
        (cluster.name, cluster.category, f"{cluster.lon:.6f}", f"{cluster.lat:.6f}", f"{cluster.radius_m:.0f}",
         f"{cluster.since:%Y-%m-%d}", f"{cluster.until:%Y-%m-%d}", f"{cluster.share * run.reports:.0f}", cluster.ward)
        for cluster in planted(run.seed, run.months, run.until, load())
    ]  # fmt: skip
    if as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([titles, *rows])
        return
    table = Table(title=f"Cụm điểm đã gieo (planted clusters): {run.key}")
    for title in titles:
        table.add_column(title, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    Console(width=max(Console().width, 160)).print(table)
