"""The operator's commands of the group `units`; `users` and `people` stand in a module of their own."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import click
from flask.cli import AppGroup

from database.engine import OPERATOR, transaction
from district_boundaries import areas
from incidents import boundary_changes, proof, reference
from incidents.people_commands import people, users
from incidents.reference import Reference, Unit

boundary_changes.attach()

units = AppGroup("units", help="Đơn vị và trách nhiệm: xem, kiểm tra. (Units and who is responsible.)")
GROUPS: list[click.Group] = [units, users, people]

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@units.command("list")
@click.option("--field", help="Only units of this field.")
@click.option("--kind", help="Only units of this kind: company, area_office, ward_committee …")
@click.option(
    "--committees/--no-committees", default=False, show_default=True, help="Ward and district committees too."
)
@click.option("--on", type=_DAY, help="Units in force on this day; today unless given.")
def list_units(field: str | None, kind: str | None, committees: bool, on: datetime | None) -> None:
    """List the units: code, whether it is sample configuration, kind, fields, name."""
    day = on.date() if on else areas.today()
    with transaction(OPERATOR) as connection:
        known = reference.current(connection)
    if field and field not in known.field_by_code:
        raise click.BadParameter(f"{field!r} is none of {', '.join(known.field_by_code)}", param_hint="--field")
    kinds = sorted({unit.kind for unit in known.units.values()})
    if kind and kind not in kinds:
        raise click.BadParameter(f"{kind!r} is none of {', '.join(kinds)}", param_hint="--kind")
    shown = [
        unit
        for unit in known.units.values()
        if unit.in_force(day)
        and (not field or field in unit.fields)
        and (unit.kind == kind if kind else committees or not unit.kind.endswith("_committee"))
    ]
    for unit in shown:
        click.echo(
            "\t".join((unit.code, "mẫu" if unit.sample else "thật", unit.kind, ",".join(unit.fields), _name(unit)))
        )
    connected = sum(unit.connected for unit in shown)
    click.echo(f"{len(shown)} đơn vị (units), {connected} đã kết nối (connected), {day}")


@units.command("check")
@click.option("--since", type=_DAY, default="2015-01-01", show_default=True, help="First day of the proof.")
@click.option("--until", type=_DAY, help="Last day of the proof; today unless given.")
def check(since: datetime, until: datetime | None) -> None:
    """Prove that every place has exactly one responsible unit, for every category and day; exit 1 otherwise.

    Also names connected units that no rule of today points at, and units without a contact point.
    """
    last = until.date() if until else areas.today()
    if last < since.date():
        raise click.BadParameter("is before --since", param_hint="--until")
    with transaction(OPERATOR) as connection:
        known, index = reference.current_with_areas(connection)
        silent = reference.without_contact(connection)
    for unit_code in silent:
        click.echo(f"chưa có đầu mối (no contact point): {unit_code}")
    for unit in _idle(known, last):
        click.echo(f"chưa được giao việc gì (no rule points at it): {unit.code} {_name(unit)}")
    click.echo(_summary(known, last))
    findings = proof.prove(known, index, since.date(), last)
    for finding in findings:
        click.echo(str(finding))
    if findings:
        raise click.ClickException(f"{len(findings)} chỗ không có đúng một đơn vị (places without exactly one unit)")
    click.echo(
        f"{len(known.categories)} loại, {since.date()} … {last}: mỗi nơi đúng một đơn vị "
        "(every place has exactly one responsible unit)"
    )


@units.command("load")
@click.option("--dry-run", is_flag=True, help="Chỉ xem (say what would change, change nothing).")
def load(dry_run: bool) -> None:
    """Load the edited files of incidents/reference/: fields, categories, units, responsibilities, deadlines.

    A line that is wrong is named with its file, and nothing is changed. The same files again change nothing.
    """
    with transaction(OPERATOR) as connection:
        answer = boundary_changes.rerouted(connection)
        changed = reference.load_reference(connection)
        line = answer()
        if dry_run:
            connection.rollback()
    if not changed:
        click.echo("Không có gì đổi (nothing changed)")
        return
    click.echo(line)
    click.echo("Chưa lưu (not stored: --dry-run)" if dry_run else "Đã nạp (loaded)")


def _name(unit: Unit) -> str:
    return unit.name["vi"]


def _idle(known: Reference, day: date) -> list[Unit]:
    """Connected units that no rule of that day names, neither to act nor to be told."""
    on = day.toordinal()
    named: set[int] = set()
    for tier in [*(tier for tiers in known.tiers.values() for tier in tiers), *known.field_tiers.values()]:
        for rules in tier.rules.values():
            named |= {id for rule in rules if rule.first <= on <= rule.last for id in (rule.unit_id, rule.told_unit_id)}
    return [unit for unit in known.units.values() if unit.connected and unit.id not in named]


def _summary(known: Reference, day: date) -> str:
    kinds = Counter(unit.kind for unit in known.units.values() if unit.in_force(day))
    connected = [unit for unit in known.units.values() if unit.connected and unit.in_force(day)]
    return (
        f"{len(known.fields)} lĩnh vực (fields), {len(known.categories)} loại (categories), "
        f"{len(connected)} đơn vị kết nối (connected units), trong đó mẫu (of them sample) "
        f"{sum(unit.sample for unit in connected)}; {dict(sorted(kinds.items()))}"
    )
