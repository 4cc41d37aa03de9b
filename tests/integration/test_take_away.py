"""The downloaded file holds what the list counts, of a view and of an area; wrong filters are refused."""

from __future__ import annotations

import json
import re

import pytest

INSIDE = [(10.7725 + step * 0.0008, 106.6980) for step in range(3)]  # Phường Bến Thành
OUTSIDE = (10.8012, 106.7100)  # Phường Thạnh Mỹ Tây


@pytest.fixture
def four(client, empty_database) -> list[str]:
    codes = []
    for (lat, lon), category in zip([*INSIDE, OUTSIDE], ("waste", "flooding", "noise", "waste"), strict=True):
        answer = client.post("/api/v1/reports", json={"channel": "web", "category": category, "lat": lat, "lon": lon})
        assert answer.status_code == 201
        codes.append(answer.json["code"])
    return codes


def rows(client, query: str) -> dict[str, list]:
    answer = client.get(f"/download/map.html{query}")
    assert answer.status_code == 200 and answer.mimetype == "text/html"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="1022-')
    data = json.loads(re.search(r'"rows":(\[.*?\]),"words"', answer.get_data(as_text=True))[1].replace("<\\/", "</"))
    return {row[5]: row for row in data}


def test_of_a_view_as_the_list(client, four) -> None:
    for query in ("", "?category=waste", "?bbox=106.69,10.76,106.70,10.78", "?bbox=106.69,10.76,106.70,10.78&zoom=10"):
        listed = client.get(f"/api/v1/incidents{query}").json
        taken = rows(client, query)
        assert (
            set(taken) == {feature["id"] for feature in listed["features"]} and len(taken) == listed["counts"]["total"]
        )


def test_of_an_area_by_today_s_borders(client, four) -> None:
    ward = client.get(f"/api/v1/reports/{four[0]}").json["ward"]
    assert set(rows(client, f"?area=ward:{ward['code']}")) == set(four[:3])
    assert set(rows(client, f"?area=ward:{ward['code']}&category=noise")) == {four[2]}
    assert set(rows(client, "?area=79")) == set(four)


def test_both_languages(client, four) -> None:
    vi = client.get("/download/map.html", headers={"Accept-Language": "vi"}).get_data(as_text=True)
    en = client.get("/download/map.html", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert '<html lang="vi">' in vi and "Hiện sự cố báo tới" in vi and '"Ngập nước' in vi
    assert '<html lang="en">' in en and "Shown: reported up to" in en and "Hiện sự cố" not in en


@pytest.mark.parametrize(("query", "status"), [("?bbox=1,2", 400), ("?area=nowhere", 422), ("?category=x", 400)])
def test_wrong_filters_are_refused(client, query, status) -> None:
    assert client.get(f"/download/map.html{query}").status_code == status
