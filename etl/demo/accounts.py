"""Accounts to try the demo with: one a role, with passwords made on this machine.

They are written to DATA_DIR/demo-accounts.json (mode 0600), which script/server prints and which never leaves the
machine. Filling in again leaves accounts alone whose password is known from that file, and gives others a new one.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from incidents import accounts, passwords, reference
from incidents.errors import IncidentsError

FILE_NAME = "demo-accounts.json"


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """One account; `area` is a code, a unit is looked up by its field."""

    username: str
    roles: tuple[str, ...]
    label: str
    area: str | None = None


ACCOUNTS = (
    DemoAccount(username="tong-dai", roles=("call_taker",), label="Bàn tiếp nhận"),
    DemoAccount(username="phuong.thanhmytay", roles=("area",), label="P. Thạnh Mỹ Tây", area="26956"),
    DemoAccount(username="phuong.ankhanh", roles=("area",), label="P. An Khánh", area="27094"),
    DemoAccount(username="quan.binhthanh", roles=("area",), label="Q. Bình Thạnh (cũ)", area="765"),
    DemoAccount(username="don-vi.cay-xanh", roles=("unit",), label=""),
    DemoAccount(username="quy-hoach", roles=("planner",), label="Phân tích"),
    DemoAccount(username="truc-ban", roles=("area",), label="Toàn thành phố", area="79"),
    DemoAccount(username="quan-tri", roles=("administrator",), label="Mọi trang"),
)


def fill(connection: Connection, data_dir: Path) -> list[dict[str, object]]:
    """The accounts as the file says them, made with the operator's context where they are not there. The file is
    written before the commit (`write`): a password that nobody knows would lock the demo, one too many does not."""
    known, index = reference.current_with_areas(connection)
    kept = {str(each["username"]): str(each["password"]) for each in read(data_dir)}
    there = {each.username: each for each in accounts.everyone(connection)}
    said: list[dict[str, object]] = []
    for each in ACCOUNTS:
        unit = None
        if "unit" in each.roles:  # whoever answers for trees, best in the middle of the city
            tree_units = [found for found in known.units.values() if found.connected and "trees" in found.fields]
            unit = min(tree_units, key=lambda found: (found.code != "CX-1", found.code))
        area = index.by_code(each.area) if each.area else None
        password = kept.get(each.username) or passwords.make()
        if each.username not in there:
            accounts.create(
                connection,
                each.username,
                password,
                each.roles,
                unit_id=unit.id if unit else None,
                area_id=area.id if area else None,
                label=each.label or (unit.name["vi"] if unit else ""),
                demo=True,
            )
        elif each.username not in kept:
            if not there[each.username].demo:
                raise IncidentsError(f"{each.username}: không phải tài khoản mẫu (is no demo account)")
            accounts.reset(connection, each.username, password)
        said.append(
            {
                "username": each.username,
                "password": password,
                "roles": list(each.roles),
                "unit": unit.code if unit else None,
                "area": each.area,
            }
        )
    write(data_dir, said)
    return said


def read(data_dir: Path) -> list[dict[str, object]]:
    """What the file says; nothing where there is none, or one that was cut off."""
    try:
        found: list[dict[str, object]] = json.loads((data_dir / FILE_NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    return found


def write(data_dir: Path, said: list[dict[str, object]]) -> None:
    """Put the file in its place, readable by its owner alone from the first byte on."""
    path = data_dir / FILE_NAME
    draft = path.with_name(f".{FILE_NAME}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(said, file, ensure_ascii=False, indent=1)
    draft.replace(path)
