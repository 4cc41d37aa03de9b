"""The counts behind the map's tiles are the truth at every moment: after inserts, changes of status, moves, deletions,
due dates that pass, with and without the worker having folded them in."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import mapbox_vector_tile
import psycopg
import pytest

from database import clock
from geo import cells
from incidents import map_counts

pytestmark = pytest.mark.usefixtures("left_empty")

STATUSES = ("received", "assigned", "in_progress", "resolved", "closed", "rejected", "withdrawn", "reopened")
CATEGORIES = (("fallen_tree", "tree", "tree", "trees"), ("burst_pipe", "water", "other", "water"),
              ("road_subsidence", "subsidence", "subsidence", "traffic"), (None, "other", "other", None))  # fmt: skip


class Map:
    """Public rows, written by somebody with the right to, and the clock under which they are looked at."""

    def __init__(self, connection: psycopg.Connection, seed: int) -> None:
        self.connection = connection
        self.luck = random.Random(seed)
        self.now = clock.now()
        self.ids: list[int] = []
        self.made = 0
        connection.execute("SET session_replication_role = replica")  # no incident and no report behind them

    def place(self) -> dict[str, float]:
        return {"x": 11_878_000 + self.luck.random() * 9000, "y": 1_206_000 + self.luck.random() * 9000}

    def values(self) -> dict[str, object]:
        category, kind, hero, field = self.luck.choice(CATEGORIES)
        status = self.luck.choice(STATUSES)
        resolved = self.now - timedelta(hours=self.luck.uniform(0, 300)) if status in ("resolved", "closed") else None
        due = self.now + timedelta(hours=self.luck.uniform(-40, 40)) if self.luck.random() < 0.9 else None
        return {"category": category, "kind": kind, "hero": hero, "field": field, "status": status, "due": due,
                "resolved": resolved}  # fmt: skip

    def insert(self, count: int) -> None:
        for _ in range(count):
            self.made = number = self.made + 1
            self.ids.append(number)
            given = {"id": number, "code": f"M{number}", "now": self.now, **self.values(), **self.place()}
            self.connection.execute(
                "INSERT INTO public_incident (id, code, category, field, kind, hero, urgency, status, unit_id, geom,"
                " geom_3857, precision, accuracy_m, opened_at, due_at, resolved_at, updated_at)"
                " SELECT %(id)s, %(code)s, %(category)s, %(field)s, %(kind)s, %(hero)s, 'normal', %(status)s, 1,"
                " ST_Transform(p, 4326), p, 'pin', 10, %(now)s, %(due)s, %(resolved)s, %(now)s"
                " FROM ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 3857) AS p",
                given,
            )
            self.connection.execute(
                "INSERT INTO public_report (id, code, incident_id, incident_code, channel, category, field, status,"
                " unit_id, geom, geom_3857, precision, reported_at, due_at, updated_at)"
                " SELECT id, code, id, code, 'web', category, field, status, unit_id, geom, geom_3857, precision,"
                " opened_at, due_at, updated_at FROM public_incident WHERE id = %s",
                [number],
            )

    def change(self, count: int) -> None:
        for number in self.luck.sample(self.ids, count):
            for table in ("public_incident", "public_report"):
                given = {"id": number, **self.values(), **self.place()}
                moved = ", geom_3857 = ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 3857)" if number % 3 == 0 else ""
                kind = ", kind = %(kind)s, hero = %(hero)s, resolved_at = %(resolved)s" if "inc" in table else ""
                self.connection.execute(
                    f"UPDATE {table} SET category = %(category)s, field = %(field)s, status = %(status)s,"
                    f" due_at = %(due)s, updated_at = now(){kind}{moved} WHERE id = %(id)s",
                    given,
                )

    def delete(self, count: int) -> None:
        gone = self.luck.sample(self.ids, count)
        for table in ("public_incident", "public_report"):
            self.connection.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [gone])
        self.ids = [number for number in self.ids if number not in gone]

    def truth(self, layer: str, level: int) -> Counter[tuple]:
        table, resolved, kind = (
            ("public_incident", "resolved_at", "kind")
            if layer == "incidents"
            else ("public_report", "NULL", "coalesce(field, '')")
        )
        rows = self.connection.execute(
            f"SELECT map_cell >> (2 * (15 - %(level)s)), {kind} AS kind, coalesce(category, ''), state, count(*),"
            " sum(round(ST_X(geom_3857) * 10))::bigint, sum(round(ST_Y(geom_3857) * 10))::bigint"
            f" FROM (SELECT *, map_state(%(layer)s, status, due_at, {resolved}, %(now)s) AS state FROM {table}) AS row"
            " WHERE state IS NOT NULL GROUP BY 1, 2, 3, 4",
            {"layer": layer, "level": level, "now": self.now},
        )
        return Counter({row[:4]: row[4:] for row in rows})

    def counted(self, layer: str, level: int) -> Counter[tuple]:
        rows = self.connection.execute(
            "SELECT cell, kind, category, state, n, x::bigint, y::bigint"
            " FROM map_counted(%(layer)s, 'category', %(level)s, 0, 2147483647, %(now)s, NULL, NULL, NULL)",
            {"layer": layer, "level": level, "now": self.now},
        )
        return Counter({row[:4]: row[4:] for row in rows})

    def fold(self) -> int:
        return self.connection.execute("SELECT fold_map_changes(%s)", [self.now]).fetchone()[0]

    def compare(self, what: str) -> None:
        for layer in ("incidents", "reports"):
            for level in (9, 12, 15):
                assert self.counted(layer, level) == self.truth(layer, level), f"{what}: {layer}, level {level}"


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_the_truth_whatever_happens(empty_database, seed) -> None:
    """A random walk: each step is compared before and after it is folded in, and at a time before that."""
    with psycopg.connect(empty_database) as connection:
        city = Map(connection, seed)
        city.insert(80)
        city.compare("inserted")
        for step in range(25):
            turn = city.luck.choice(["insert", "change", "delete", "wait", "back"])
            if turn == "insert":
                city.insert(5)
            elif turn == "change":
                city.change(12)
            elif turn == "delete" and len(city.ids) > 20:
                city.delete(4)
            else:
                city.now += timedelta(hours=city.luck.uniform(0, 30) * (-1 if turn == "back" else 1))
            city.compare(f"step {step}, {turn}")
            if city.luck.random() < 0.6:
                city.fold()
                city.compare(f"step {step}, {turn}, folded")
                assert connection.execute("SELECT count(*) FROM map_change").fetchone() == (0,)
        connection.execute("TRUNCATE public_incident, public_report")
        city.ids.clear()
        city.compare("emptied")
        assert connection.execute("SELECT count(*) FROM map_count").fetchone() == (0,)
        connection.rollback()


def test_what_becomes_late_is_late_in_the_next_tile(client, empty_database) -> None:
    """Nothing happens to the incidents: only time goes by."""
    for step in range(6):
        place = {"lat": 10.7725 + step * 1e-4, "lon": 106.7005}
        sent = {"channel": "web", "category": "fallen_tree", **place}
        assert client.post("/api/v1/reports", json=sent).status_code == 201
    map_counts.fold()
    with psycopg.connect(empty_database) as connection:
        due = connection.execute("SELECT min(due_at), max(due_at) FROM public_incident").fetchone()
    for at, late in ((due[0] - timedelta(seconds=1), 0), (due[1] + timedelta(seconds=1), 6), (due[0], 0)):
        with clock.frozen(at):
            assert tile_counts(client) == {"count": 6, "late": late}, at
            listed = client.get("/api/v1/incidents?zoom=10&state=late").json["counts"]
            assert (listed["total"], listed["states"]["late"]) == (late, late)


def test_a_change_is_in_the_tile_at_once_and_folding_changes_nothing(client, empty_database) -> None:
    for step in range(5):
        sent = {"channel": "web", "category": "burst_pipe", "lat": 10.7725, "lon": 106.7005 + step * 1e-5}
        assert client.post("/api/v1/reports", json=sent).status_code == 201
        before = client.get("/tiles/incidents/10/815/481.mvt").data
        assert map_counts.fold() > 0
        assert map_counts.fold() == 0
        assert client.get("/tiles/incidents/10/815/481.mvt").data == before
    assert tile_counts(client) == {"count": 5, "late": 0}


@pytest.mark.parametrize("z", [7, 10, 12])
@pytest.mark.parametrize(
    "query", ["", "?state=late,new", "?group=tree&field=water", "?category=burst_pipe", "?state=resolved"]
)
def test_a_tile_of_counts_equals_the_tile_of_rows(client, empty_database, z, query) -> None:
    """The statement for tiles below zoom 13 and the one that counts the rows themselves draw the same, byte for byte of
    each mark, whatever is switched on."""
    with psycopg.connect(empty_database) as connection:
        city = Map(connection, z)
        city.insert(120)
        city.fold()
        city.insert(60)
        city.change(30)
    x, y = 11_882_000, 1_210_000
    column, row = (int((x + 20037508.34) / 40075016.68 * 2**z), int((20037508.34 - y) / 40075016.68 * 2**z))
    with clock.frozen(city.now + timedelta(hours=5)):
        counted = marks(client, f"/tiles/incidents/{z}/{column}/{row}.mvt{query}")
        since = f"{query}{'&' if query else '?'}since=2000-01-01"
        gathered = marks(client, f"/tiles/incidents/{z}/{column}/{row}.mvt{since}")
    assert counted == gathered
    assert query or counted


def marks(client, address):
    answer = client.get(address)
    assert answer.status_code in (200, 204), answer.data
    if answer.status_code == 204:
        return []
    features = mapbox_vector_tile.decode(answer.data).get("incidents", {"features": []})["features"]
    return sorted((repr(sorted(each["properties"].items())), str(each["geometry"]["coordinates"])) for each in features)


def tile_counts(client) -> dict[str, int]:
    decoded = mapbox_vector_tile.decode(client.get("/tiles/incidents/10/815/481.mvt").data)
    (cluster,) = [each["properties"] for each in decoded["incidents"]["features"]]
    return {name: cluster[name] for name in ("count", "late")}


def test_cells_are_numbered_alike_in_sql_and_python(app_connection) -> None:
    luck = random.Random(5)
    for _ in range(50):
        x, y = luck.uniform(-2e7, 2e7), luck.uniform(-2e7, 2e7)
        world = 40075016.685578488
        column, row = (int((x + world / 2) / world * 32768), int((world / 2 - y) / world * 32768))
        found = app_connection.exec_driver_sql(
            "SELECT map_cell(ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 3857))", {"x": x, "y": y}
        ).scalar()
        assert found == cells.number(cells.FINEST_LEVEL, column, row)
        assert found >> 6 == cells.number(12, column >> 3, row >> 3)
