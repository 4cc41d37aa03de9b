"""A map that somebody takes away opens from disk without a network and draws the counts of the page."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import sites
from tests.pages import LISTED, PHONE, WIDE, axe, map_ready, until

OUTSIDE = re.compile(r"https?://[^\s\"'<>)]+")
PLACES = [(10.6901 + row * 0.004, 106.6901 + column * 0.004) for row in range(4) for column in range(3)]
KINDS = ("fallen_tree", "road_subsidence", "construction_without_permit", "light_out")


@pytest.fixture(scope="module")
def reported(site) -> list[str]:
    codes = []
    for number, (lat, lon) in enumerate(PLACES):
        body = {"channel": "web", "category": KINDS[number % 4], "lat": lat, "lon": lon}
        status, answer = site.post("/api/v1/reports", body)
        assert status == 201
        codes.append(answer["code"])
        if number == len(PLACES) // 2:
            time.sleep(1.1)  # the map's slider goes by seconds: half of them came later
    return codes


@pytest.fixture
def from_disk(chromium):
    """A function that opens a file in a browser without a network; nothing may be asked for but the file."""
    contexts, asked, errors = [], [], []

    def open_file(file: Path, **options) -> Page:
        context = chromium.new_context(offline=True, **options)
        page = context.new_page()
        page.on("request", lambda sent: asked.append(sent.url))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri())
        contexts.append(context)
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert errors == []
    assert [url for url in asked if not url.startswith(("file://", "data:", "blob:"))] == []


def drawn(page: Page) -> int:
    """Marks on the map itself, counted on folium's own groups."""
    return page.evaluate(
        """() => { let n = 0;
          const map = Object.values(window).find((each) => each instanceof L.Map);
          map.eachLayer((layer) => { if (layer instanceof L.CircleMarker) n += 1; });
          return n; }"""
    )


@pytest.mark.parametrize(("zoom", "screen"), [(14.0, WIDE), (10.9, WIDE), (13.2, PHONE)], ids=["14", "10.9", "360"])
def test_the_view_of_the_page_as_one_file(open_page, from_disk, site, reported, tmp_path, zoom, screen):
    page = open_page(**screen, accept_downloads=True)
    page.goto(f"/?v={zoom}/10.6960/106.6950&state=new")
    map_ready(page)
    expect(page.locator("#count")).to_have_attribute("data-total", re.compile(r"\d+"))
    until(page, LISTED)
    total = int(page.locator("#count").get_attribute("data-total"))
    assert total >= 9
    heroes = {name: page.locator(f"[data-hero={name}] [data-count]").inner_text() for name in ("tree", "subsidence")}
    page.locator("[data-do=layers]").click()
    with page.expect_download(timeout=60_000) as waiting:
        page.locator("#take-away").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert re.fullmatch(r"1022-\d{4}-\d\d-\d\d-\d{4}\.html", file.name)
    assert OUTSIDE.findall(file.read_text(encoding="utf-8")) == []
    assert file.stat().st_size < 4_000_000

    taken = from_disk(file, **screen)
    expect(taken.locator("#count")).to_have_attribute("data-total", str(total))
    assert drawn(taken) == total
    layers = taken.locator(".leaflet-control-layers-overlays label")
    names = {"tree": "Cây xanh gãy, đổ", "subsidence": "Lún, sụt mặt đường"}
    for name, words in names.items():
        if heroes[name] != "0":
            expect(layers.filter(has_text=words)).to_have_text(re.compile(rf"{words} \({heroes[name]}\)"))
    layers.filter(has_text=names["tree"]).locator("input").uncheck()
    expect(taken.locator("#count")).to_have_attribute("data-total", str(total - int(heroes["tree"])))
    assert drawn(taken) == total - int(heroes["tree"])


def test_popups_slider_and_ground(from_disk, site, reported, tmp_path):
    file = tmp_path / "map.html"
    done = sites.command(site.environment, "reports", "map", str(file), "--category", "road_subsidence", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d+ incidents, \d+ KB", done.stdout)
    page = from_disk(file, **WIDE)
    total = int(page.locator("#count").get_attribute("data-total"))
    assert total >= 3 and drawn(page) == total
    page.locator("#until").evaluate("node => { node.value = 0; node.dispatchEvent(new Event('input')); }")
    first = drawn(page)
    assert 1 <= first < total and page.locator("#count").inner_text() == f"{first} of {total} incidents"
    page.locator("#until").evaluate("node => { node.value = 200; node.dispatchEvent(new Event('input')); }")
    page.evaluate(
        """() => { const map = Object.values(window).find((each) => each instanceof L.Map); let mark;
          map.eachLayer((layer) => { if (layer instanceof L.CircleMarker) mark = layer; });
          mark.openPopup(); }"""
    )
    popup = page.locator(".leaflet-popup-content")
    expect(popup).to_contain_text("Road-surface subsidence")
    expect(popup).to_contain_text("Reported")
    until(  # streets, water and borders lie under it
        page,
        """(() => { const found = new Set();
          for (const canvas of document.querySelectorAll('.leaflet-ground-pane canvas')) {
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) found.add(`${data[i]},${data[i + 1]}`);
          } return found.size >= 3; })()""",
    )
    expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")  # it fades in
    assert axe(page) == []


def test_what_does_not_go_in_is_said(from_disk, site, reported, tmp_path):
    """With fewer rows than there are: the most urgent ones, and how many are missing."""
    import os
    import subprocess
    import sys

    file = tmp_path / "few.html"
    script = (
        "import sys\nfrom database.engine import read\nfrom district_boundaries import areas\n"
        "from etl import takeaway\nfrom etl.takeaway.incident_map import incident_map\n"
        "from incidents import reference\n"
        "with read() as c:\n"
        "    known, index = reference.current(c), areas.current(c)\n"
        "    asked = takeaway.Selection()\n"
        "    found = takeaway.find(c, index, asked, most=5)\n"
        "    open(sys.argv[1], 'w').write(incident_map(c, known, index, asked, found))\n"
        "    print(found.total)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)], cwd=sites.REPOSITORY, env=site.environment | {"PYTHONPATH": "."},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = from_disk(file, **WIDE)
    assert drawn(page) == 5
    expect(page.locator("#left-out")).to_contain_text(f"{int(done.stdout) - 5}")
    assert os.path.getsize(file) > 200_000


def test_a_whole_area(site, reported, tmp_path):
    """The same as the list of its ward counts; a wrong area is one clear line."""
    file = tmp_path / "ward.html"
    done = sites.command(site.environment, "reports", "map", str(file), "--area", "27475")
    wards = sites.command(site.environment, "reports", "map", str(file), "--area", "nowhere")
    assert wards.returncode != 0 and "no such area" in wards.stderr and "Traceback" not in wards.stderr
    assert done.returncode in (0, 1)
    wrong = sites.command(site.environment, "reports", "map", str(tmp_path / "map.txt"))
    assert wrong.returncode != 0 and ".html" in wrong.stderr


def test_hostile_words_stay_text(site, from_disk, tmp_path):
    import psycopg

    body = {"channel": "web", "category": "waste", "lat": 10.6789, "lon": 106.6789}
    status, answer = site.post("/api/v1/reports", body)
    assert status == 201
    evil = "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 2'> {{ 7 * 7 }}"
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        connection.execute("UPDATE public_incident SET place = %s WHERE code = %s", (evil, answer["code"]))
    file = tmp_path / "map.html"
    assert sites.command(site.environment, "reports", "map", str(file), "--category", "waste").returncode == 0
    page = from_disk(file, **WIDE)
    page.evaluate(
        """() => { const map = Object.values(window).find((each) => each instanceof L.Map);
          map.eachLayer((layer) => { if (layer instanceof L.CircleMarker) layer.openPopup(); }); }"""
    )
    assert page.evaluate("window.broken") is None
    assert "{{ 7 * 7 }}" in file.read_text()
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        connection.execute("UPDATE public_incident SET place = '' WHERE code = %s", (answer["code"],))


def test_a_flood_of_downloads_is_held_back() -> None:
    from webmap import limits, policy

    assert "public.download_map" in policy.RULES
    what, items = limits.LIMITED["public.download_map"]
    assert what == "download" and items[0].amount <= 30
