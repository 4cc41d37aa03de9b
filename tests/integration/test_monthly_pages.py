"""The pages of analyses that run every month, and their command."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from database.engine import OPERATOR, transaction
from etl.analysis import Asked, hot_news, rows, schedule
from tests import logins
from tests.monthly import ASKED, begin, bring, cell, planted, runs, save
from tests.workbench import client_of


@pytest.fixture
def saved(empty_database) -> int:
    """A planner's saved analysis of the first half of 2026."""
    return save(logins.create("quy-hoach-thu", "planner").id)


def post(client, path: str):
    return client.post(path, data={"csrf_token": logins.token(client, "/plan")}, headers=logins.ORIGIN)


def test_the_pages_begin_stop_subscribe_and_show_notices(application, saved) -> None:
    logins.create("quy-hoach-hai", "planner")
    mine, other = client_of(application, "quy-hoach-thu"), client_of(application, "quy-hoach-hai")
    path = f"/plan/saved/{saved}/monthly"
    assert path in mine.get("/plan").text and mine.get("/plan/saved/99999/monthly").status_code == 404
    assert "Bắt đầu" in mine.get(path).text and "Bắt đầu" not in other.get(path).text
    assert post(other, path).status_code == 404  # whose name it is says when it runs
    assert post(other, f"{path}/subscribe").status_code == 404  # nothing runs yet
    assert post(mine, path).status_code == 303
    assert "6 tháng, tới hết ngày cuối tháng trước" in mine.get(path).text
    assert "Hằng tháng, lần tới 01/" in other.get("/plan").text
    for client in (mine, other):
        assert post(client, f"{path}/subscribe").status_code == 303
        assert "Đang báo cho tôi" in client.get(path).text
    assert post(other, f"{path}/stop").status_code == 404
    assert post(mine, f"/plan/saved/{saved}/forget").status_code == 404  # stop it first
    with transaction(OPERATOR) as connection:
        number = schedule.of(connection, saved).id
    planted(number, "2026-07-01", [cell(1200, 2380)])
    planted(number, "2026-08-01", [cell(1200, 2380), cell(1300, 2380)])
    hot_news.settle()
    page = mine.get("/plan/notices").text
    assert "1 nơi nóng mới" in page and "Đường Thử" in page and "lần chạy 01/08/2026" in page
    address = re.search(r'href="(/plan\?[^"]+run=\d+)"', page)[1].replace("&amp;", "&")
    assert mine.get(address).status_code == 200
    assert '<span class="n">1<' in mine.get("/plan").text and "Có nơi nóng mới" in mine.get("/plan").text
    table = mine.get(path).text
    assert "01/08/2026" in table and "lần đầu" in table and "Còn nóng (1)" in table and "Mới (1)" in table
    # Read by one, not by the other; somebody else's notice is not there.
    notice = int(re.search(r"/plan/notices/(\d+)/read", page)[1])
    assert post(other, f"/plan/notices/{notice}/read").status_code == 404
    assert post(mine, f"/plan/notices/{notice}/read").status_code == 303
    assert '<span class="n">' not in mine.get("/plan").text and '<span class="n">1<' in other.get("/plan").text
    assert "Đường Thử" in mine.get("/plan/notices").text and "/read" not in mine.get("/plan/notices").text
    mine.set_cookie("lang", "en")
    assert "1 new hot place" in mine.get("/plan/notices").text
    mine.delete_cookie("lang")
    # Unsubscribed: no more notices. Stopped, the name may go, and everything of it with it.
    assert post(other, f"{path}/unsubscribe").status_code == 303
    planted(number, "2026-09-01", [cell(1500, 2380)])
    hot_news.settle()
    assert len(re.findall("data-unread", other.get("/plan/notices").text)) == 1
    assert len(re.findall("data-unread", mine.get("/plan/notices").text)) == 1
    assert post(mine, f"{path}/stop").status_code == 303 and "Đã dừng" in mine.get(path).text
    assert post(mine, f"/plan/saved/{saved}/forget").status_code == 303
    with transaction(OPERATOR) as connection:
        for name in ("analysis_schedule", "analysis_run", "hot_place", "analysis_subscription", "hot_notice"):
            assert connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() == 0, name


def test_what_tests_nothing_is_refused_and_says_why(application, saved) -> None:
    client = client_of(application, "quy-hoach-thu")
    with transaction(OPERATOR) as connection:
        account = connection.execute(text("SELECT saved_by FROM saved_analysis LIMIT 1")).scalar_one()
    asked = Asked.read({name: word for name, word in ASKED.items() if name != "tail"} | {"method": "kde"})
    with transaction(OPERATOR) as connection:
        job = rows.ask(connection, asked, account)
        connection.execute(text("UPDATE analysis SET state = 'done' WHERE id = :id"), {"id": job})
        rows.save(connection, job, "Mật độ", account)
        number = connection.execute(text("SELECT max(id) FROM saved_analysis")).scalar_one()
    assert "Chỉ chạy hằng tháng được với" in client.get(f"/plan/saved/{number}/monthly").text
    assert post(client, f"/plan/saved/{number}/monthly").status_code == 422


def test_the_command_runs_what_is_due(application, saved, tmp_path) -> None:
    from etl.commands import hotspots

    number = begin(saved)
    bring(application, tmp_path, "half", range(1, 7), scattered=300, heaped=60)
    runner = application.test_cli_runner()
    done = runner.invoke(hotspots, ["schedule", "run-due", "--on", "2026-07-01"])
    assert done.exit_code == 0 and done.output.splitlines()[-1] == "1 asked for, 1 settled, 0 new places", done.output
    (july,) = runs(number)
    assert july["state"] == "done" and july["hot"] >= 1
    again = runner.invoke(hotspots, ["schedule", "run-due", "--on", "2026-07-02"])
    assert again.output.splitlines()[-1] == "0 asked for, 0 settled, 0 new places"
    listed = runner.invoke(hotspots, ["schedule", "list"]).output
    assert "2026-07-01" in listed and listed.splitlines()[-1] == "1 schedules"
    assert runner.invoke(hotspots, ["schedule", "run-due", "--on", "hôm nay"]).exit_code == 2
