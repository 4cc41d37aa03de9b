"""The peer: `pgbench` on the same cluster with the rows that the door writes, as bare statements.

Two scripts are derived from `incidents/store.sql` and from what the door itself wrote for a few reports in a
transaction that was rolled back: `bare`, an INSERT for each of its tables; `statement`, the door's own one statement.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text

from database import engine, settings
from database.cluster import locate, programs
from incidents import store
from incidents.drafts import Draft, Receipt
from incidents.intake import receive

_INSERT = re.compile(r"INSERT INTO (\w+) \(([^)]+)\)")
_ALWAYS = ("incident", "report", "event", "public_incident", "public_report")
_BEGIN = (
    "BEGIN;\n"
    "SELECT set_config('hotline.actor', 'public', true), set_config('hotline.roles', 'public', true),\n"
    "  nextval('report_id_seq') AS report, nextval('incident_id_seq') AS incident \\gset\n"
)


def scripts(drafts: Sequence[Draft], folder: Path) -> tuple[list[Path], list[Path]]:
    """Script files (bare, statement), one of each per draft. Runs as the app on the site of this process's settings."""
    bare, whole = [], []
    for number, draft in enumerate(drafts):
        caught: list[tuple[str, Any]] = []

        def catch(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any, caught: Any = caught) -> None:
            if "jsonb_to_recordset" in statement and isinstance(parameters, dict) and "rows" in parameters:
                caught.append((statement, parameters))

        pool = engine.engine("app")
        event.listen(pool, "before_cursor_execute", catch)
        with pool.connect() as connection:
            connection = connection.execution_options(hotline_context=engine.OPERATOR)
            with connection.begin() as transaction:
                (receipt,) = receive(connection, [draft], actor="public")
                assert isinstance(receipt, Receipt)
                lines = _bare(connection, receipt.report_id, receipt.incident_id)
                transaction.rollback()
        event.remove(pool, "before_cursor_execute", catch)
        bare.append(folder / f"bare-{number}.sql")
        bare[-1].write_text(_BEGIN + "".join(lines) + "COMMIT;\n")
        whole.append(folder / f"statement-{number}.sql")
        whole[-1].write_text(
            "BEGIN;\nSELECT set_config('hotline.actor', 'public', true), set_config('hotline.roles', 'public', true);\n"
            + _with_values(*caught[0])
            + ";\nCOMMIT;\n"
        )
    return bare, whole


def run(url: str, files: Sequence[Path], *, clients: int, threads: int, seconds: int) -> float:
    """Transactions a second."""
    program = programs(locate(settings.current())) / "pgbench"
    chosen = [argument for file in files for argument in ("-f", str(file))]
    said = subprocess.run(
        [
            str(program),
            "-n",
            "-M",
            "prepared",
            "-c",
            str(clients),
            "-j",
            str(threads),
            "-T",
            str(seconds),
            *chosen,
            url,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 60,
    )
    failed = re.search(r"number of failed transactions: (\d+)", said.stdout)
    if failed and int(failed[1]):
        raise RuntimeError(said.stdout + said.stderr)
    found = re.search(r"tps = ([\d.]+)", said.stdout)
    if found is None:
        raise RuntimeError(said.stdout + said.stderr)
    return float(found[1])


def _bare(connection: Connection, report_id: int, incident_id: int) -> list[str]:
    """An INSERT per row that the door wrote for one report, with new ids and codes for each run."""
    source = Path(store.__file__).with_name("store.sql").read_text(encoding="utf-8")
    lines = []
    for table, columns in dict(_INSERT.findall(source)).items():
        names = [name.strip() for name in columns.split(",")]
        where = {
            "report": "id = :r",
            "public_report": "id = :r",
            "incident": "id = :i",
            "public_incident": "id = :i",
            "event": "report_id = :r",
            "assignment": "incident_id = :i",
        }.get(table)
        if where is None:
            continue
        picked = ", ".join(f"{name}::text" for name in names)
        asked = text(f"SELECT {picked} FROM {table} WHERE {where}").bindparams(
            **({"r": report_id} if ":r" in where else {"i": incident_id})
        )
        rows = connection.execute(asked).all()
        if table in _ALWAYS and not rows:
            raise RuntimeError(f"the door wrote no {table}")
        for row in rows:
            values = ", ".join(_value(table, name, value) for name, value in zip(names, row, strict=True))
            lines.append(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values});\n")
    return lines


def _value(table: str, name: str, value: str | None) -> str:
    if name == "incident_id" or (name == "id" and table.endswith("incident")):
        return ":incident"
    if name == "report_id" or (name == "id" and table.endswith("report")):
        return ":report"
    if name in ("code", "incident_code"):
        return "report_code(:report)"
    return "NULL" if value is None else _quoted(value)


def _quoted(value: str) -> str:
    """A literal without a colon, which pgbench would take for a variable."""
    return "E'" + value.replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3a").replace("\n", "\\n") + "'"


def _with_values(statement: str, parameters: dict[str, Any]) -> str:
    """The statement as psycopg sends it, with its values in place."""
    for name, value in parameters.items():
        given = value if isinstance(value, str) else json.dumps(value)
        quoted = _quoted(given).replace("\\", "\\\\")  # a replacement reads backslashes
        statement = re.sub(rf"%\({name}\)s(::\w+)?", quoted, statement)
    statement = re.sub(r"--[^\n]*", "", statement).replace("%%", "%")
    return re.sub(r"\n\s*", " ", statement).strip().rstrip(";")
