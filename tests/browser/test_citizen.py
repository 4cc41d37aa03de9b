"""What a citizen does on the map: see what is there, join it, filter, share, print, install."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.pages import PHONE, SENT, WIDE, axe, map_ready, open_sheet, sent_code, until

SCREENS = pytest.mark.parametrize("screen", [PHONE, WIDE], ids=["360", "1440"])


def report(site, category: str, lat: float, lon: float) -> str:
    body = {"channel": "web", "category": category, "lat": lat, "lon": lon}
    status, answer = site.post("/api/v1/reports", body)
    assert status == 201, answer
    return answer["code"]


def public(site, code: str) -> dict:
    status, answer = site.get(f"/api/v1/reports/{code}")
    assert status == 200, answer
    return answer


def photo(lat: float | None = None, lon: float | None = None) -> dict:
    """A JPEG as a phone makes it; with a place in its EXIF where one is given."""
    picture = Image.new("RGB", (640, 480), (90, 120, 60))
    exif = Image.Exif()
    if lat is not None and lon is not None:
        exif[0x8825] = {1: "N", 2: _sexagesimal(lat), 3: "E", 4: _sexagesimal(lon), 0x1F: 7.0}
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    return {"name": "cay.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


SENT_BYTES = """
  const real = window.fetch;
  window.fetch = async (address, options) => {
    const sent = options?.method === 'POST' ? await new Response(options.body).arrayBuffer() : null;
    if (sent) window.sentBytes = [...new Uint8Array(sent)];
    return real(address, options);
  };
"""


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes = (degrees % 1) * 60
    return float(int(degrees)), float(int(minutes)), round((minutes % 1) * 60, 4)


# ---- join
@SCREENS
def test_what_is_reported_here_comes_before_the_form_and_is_joined_by_one_tap(open_page, site, screen):
    lat, lon = (10.8121, 106.6621) if screen is PHONE else (10.8141, 106.6641)
    other = report(site, "waste", lat + 0.0001, lon)
    tree = report(site, "fallen_tree", lat + 0.0003, lon)  # 33 m
    report(site, "fallen_tree", lat + 0.0009, lon)  # 100 m: not here
    page = open_page(**screen)
    open_sheet(page, (lat, lon))
    rows = page.locator("[data-already-list] li")
    expect(rows).to_have_count(2)
    expect(rows.first.locator("a")).to_have_attribute("href", f"/r/{other}")  # the nearest, before a choice is made
    page.locator("label.cat").nth(0).click()
    expect(rows.first.locator("a")).to_have_attribute("href", f"/r/{tree}")  # the same kind first
    assert axe(page) == []
    above = page.evaluate(
        "document.querySelector('[data-already]').compareDocumentPosition(document.querySelector('.cats')) & 4"
    )
    assert above, "it stands before the form"
    page.locator(f"[data-join='{tree}']").click()
    code = sent_code(page)
    expect(page.locator(f"{SENT} [data-next]")).to_contain_text(f"{tree[:3]}-{tree[3:]}")
    assert public(site, code)["incident"] == public(site, tree)["incident"] == {"code": tree, "reports": 2}
    page.locator("[data-page]").click()
    page.wait_for_url(f"**/r/{code}")
    expect(page.locator(f"a[href='/r/{tree}']").first).to_be_visible()


def test_what_cannot_be_joined_any_more_is_reported_by_itself(open_page, site):
    import psycopg

    lat, lon = 10.8161, 106.6661
    tree = report(site, "fallen_tree", lat + 0.0002, lon)
    page = open_page(**WIDE)
    open_sheet(page, (lat, lon))
    join = page.locator(f"[data-join='{tree}']")
    expect(join).to_be_visible()
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:  # done in the meantime
        connection.execute("UPDATE incident SET status = 'resolved', resolved_at = now() WHERE code = %s", (tree,))
    join.click()
    expect(page.locator("[data-errors]")).to_contain_text("Không ghép được")
    page.locator("label.cat").nth(0).click()
    page.locator("[data-send]").click()
    assert public(site, sent_code(page))["incident"]["reports"] == 1
    page.errors.clear()  # the 422


def test_from_a_symbol_s_card_to_i_see_it_too(open_page, site):
    lat, lon = 10.8181, 106.6681
    pipe = report(site, "burst_pipe", lat, lon)
    page = open_page(**WIDE)
    page.goto(f"/?v=16/{lat}/{lon}&selected={pipe}")
    map_ready(page)
    page.locator("#card").get_by_role("button", name="Tôi cũng thấy").click()
    page.locator(f"[data-join='{pipe}']").click()
    assert public(site, sent_code(page))["incident"]["reports"] == 2


# ---- the form
def test_by_address_with_the_map(open_page, site):
    page = open_page(**WIDE)
    page.goto("/")
    map_ready(page)
    page.locator("#report-open").click()
    page.locator("[data-edit-place]").click()
    page.locator("#report-address").fill("Phường Bến Thành")
    page.locator(".candidate").first.click()
    expect(page.locator("[data-place-title]")).to_contain_text("Bến Thành")
    page.locator("label.cat").nth(5).click()
    page.locator("[data-send]").click()
    assert public(site, sent_code(page))["ward"]["name"] == "Phường Bến Thành"


def test_four_taps_with_the_device_s_position_and_its_circle(open_page, site):
    here = {"latitude": 10.7889, "longitude": 106.6957, "accuracy": 18}
    page = open_page(**PHONE, geolocation=here, permissions=["geolocation"])
    page.goto("/")
    map_ready(page)
    page.locator("[data-do=locate]").tap()
    expect(page.locator(".accuracy")).to_have_attribute("data-metres", "18")
    until(page, "window.hotlineMap.getZoom() > 15 && !window.hotlineMap.isMoving()")
    metres = page.evaluate(
        """() => document.querySelector('.accuracy').getBoundingClientRect().width / 2
          * 40075016.686 * Math.cos(10.7889 * Math.PI / 180) / (512 * 2 ** window.hotlineMap.getZoom())"""
    )
    assert metres == pytest.approx(18, rel=0.1)  # as large as it is on the ground
    page.locator("#report-open").tap()
    expect(page.locator("[data-place-line]")).to_contain_text("GPS ±18 m")
    page.locator("label.cat").nth(3).tap()
    page.locator("[data-send]").tap()
    where = public(site, sent_code(page))["location"]
    assert (where["accuracy_m"], where["lat"]) == (18, pytest.approx(10.7889))


def test_the_category_s_own_question_goes_along(open_page, site):
    place = (10.7955, 106.6755)
    page = open_page(**WIDE)
    open_sheet(page, place)
    page.locator("label.cat").nth(3).click()
    question = page.locator("[data-own-question]")
    expect(question).to_contain_text("Nước chảy thế nào?")
    question.get_by_text("Phun cao").click()
    page.reload()
    map_ready(page)
    page.locator("#report-open").click()
    expect(question.locator("input:checked")).to_have_value("Phun cao")
    bodies: list[str] = []
    page.on("request", lambda sent: bodies.append(sent.post_data or "") if sent.method == "POST" else None)
    page.locator("[data-send]").click()
    sent_code(page)
    assert "Nước chảy thế nào? Phun cao." in bodies[0]
    page.locator("[data-again]").click()
    page.locator("label.cat").nth(2).click()
    expect(question).to_contain_text("Đang làm tới đâu?")
    page.locator("label.cat").nth(7).click()
    expect(question).to_be_hidden()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Trong hẻm có mùi gas nồng", "Không bật lửa"),
        ("dây điện đứt rơi xuống vũng nước", "10 m"),
        ("CHAY NHA, co nguoi mac ket", "Ra xa"),
        ("gas smell in the alley", "Không bật lửa"),
        ("rác ở gốc cây, đèn không cháy", None),
    ],
)
def test_words_of_danger_bring_the_emergency_numbers(open_page, site, words, told):
    page = open_page(**PHONE)
    open_sheet(page, (10.7623, 106.6822))
    danger = page.locator("[data-danger]")
    expect(danger).to_be_hidden()
    page.locator("[data-more]").tap()
    page.locator("#report-description").fill(words)
    if told is None:
        expect(danger).to_be_hidden()
        return
    expect(danger).to_contain_text(told)
    for number in ("113", "114", "115"):
        expect(danger.locator(f"a[href='tel:{number}']")).to_be_visible()


def test_a_live_cable_brings_them_by_its_category(open_page):
    page = open_page(**PHONE)
    open_sheet(page, (10.7623, 106.6822))
    page.locator("label.cat").nth(6).tap()
    expect(page.locator("[data-danger]")).to_contain_text("10 m")


def test_a_photo_s_own_place_is_offered_and_goes_nowhere_when_declined(open_page, site):
    taken, place = (10.80512, 106.70034), (10.8040, 106.7000)
    page = open_page(**PHONE)
    page.add_init_script(SENT_BYTES)
    open_sheet(page, place)
    page.locator("[data-photo]").set_input_files(photo(*taken))  # before anything else is said
    offer = page.locator("[data-photo-place]")
    expect(offer).to_contain_text("Ảnh chụp cách ghim 1")  # 130 m
    assert axe(page) == []
    page.locator("[data-photo-leave]").tap()
    expect(offer).to_be_hidden()
    page.locator("label.cat").nth(0).tap()
    page.locator("[data-send]").tap()
    where = public(site, sent_code(page))["location"]
    assert where["lat"] == pytest.approx(place[0], abs=1e-5)
    body = bytes(page.evaluate("window.sentBytes"))
    assert b"\xff\xd8" in body and b"Exif" not in body and b"10.805" not in body

    page.locator("[data-again]").tap()
    page.locator("[data-photo]").set_input_files(photo(*taken))
    page.locator("[data-photo-take]").tap()
    expect(page.locator("[data-place-line]")).to_contain_text("theo ảnh, ±7 m")
    page.locator("label.cat").nth(5).tap()
    page.locator("[data-send]").tap()
    where = public(site, sent_code(page))["location"]
    assert (where["lat"], where["lon"]) == (pytest.approx(taken[0], abs=2e-5), pytest.approx(taken[1], abs=2e-5))


def test_a_photo_without_a_place_offers_none(open_page):
    page = open_page(**WIDE)
    open_sheet(page, (10.8040, 106.7000))
    page.locator("[data-photo]").set_input_files(photo())
    expect(page.locator("[data-thumbs] img")).to_have_count(1)
    expect(page.locator("[data-photo-place]")).to_be_hidden()


# ---- filters, links, paper
def seen(page) -> tuple[set[str], set[str], int]:
    """Codes on the map, codes in the list, the number above it."""
    drawn = page.evaluate(
        """() => hotlineMap.queryRenderedFeatures({ layers: ['incident', 'incident-ward', 'incident-resolved']
            .filter((id) => hotlineMap.getLayer(id)) }).map(({ properties }) => properties.code)"""
    )
    listed = page.locator("#list .li[data-code]").evaluate_all("rows => rows.map((row) => row.dataset.code)")
    return set(drawn), set(listed), int(page.locator("#count").get_attribute("data-total") or -1)


def settled(page, codes: set[str]) -> None:
    for _ in range(300):
        if seen(page) == (codes, codes, len(codes)):
            return
        page.wait_for_timeout(50)
    raise AssertionError((seen(page), codes))


@SCREENS
def test_category_and_time_filter_map_and_list_alike_and_a_link_keeps_them(open_page, site, screen):
    import psycopg

    lat, lon = (10.7301, 106.7301) if screen is PHONE else (10.7261, 106.7261)
    old, new = report(site, "light_out", lat, lon), report(site, "light_out", lat + 0.0008, lon)
    lamp = report(site, "light_damaged", lat - 0.0008, lon)
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        connection.execute("UPDATE public_incident SET opened_at = now() - interval '9 days' WHERE code = %s", (old,))
    page = open_page(**screen)
    page.goto(f"/?v=17.2/{lat}/{lon}")
    map_ready(page)
    if screen is PHONE:
        page.locator(".filter-open").tap()
    settled(page, {old, new, lamp})
    page.locator("#only-category").select_option("light_out")
    settled(page, {old, new})
    page.locator("#only-days").select_option("7")
    settled(page, {new})
    assert "category=light_out&days=7" in page.url
    shared = open_page(**screen)  # somebody else opens the link
    shared.goto(page.url)
    map_ready(shared)
    settled(shared, {new})
    assert shared.locator("#only-category").input_value() == "light_out"
    assert abs(shared.evaluate("hotlineMap.getZoom()") - 17.2) < 0.01
    assert axe(shared) == []
    shared.locator("[data-field=lighting]").click() if screen is WIDE else None
    page.locator("#only-category").select_option("")
    page.locator("#only-days").select_option("")
    settled(page, {old, new, lamp})


def test_paper_bears_the_map_and_its_list(open_page, site):
    lat, lon = 10.7201, 106.7201
    code = report(site, "burst_pipe", lat, lon)
    page = open_page(**WIDE)
    page.goto(f"/?v=17/{lat}/{lon}")
    map_ready(page)
    settled(page, {code})
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    picture = page.locator(".paper-map")
    expect(picture).to_be_visible()
    colours = page.evaluate(
        """() => { const canvas = document.querySelector('.paper-map');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          const found = new Set();
          for (let i = 0; i < data.length; i += 4) found.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
          return found.size; }"""
    )
    assert colours > 20, "the map is on it, not an empty canvas"
    for part in (".finder", ".map", ".panel .foot"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.locator(f"#list [data-code='{code}']")).to_be_visible()
    expect(page.locator(".on-paper")).to_contain_text(re.compile(r"Mọi lĩnh vực.*lúc \d\d:\d\d"))
    assert page.pdf(format="A4")[:5] == b"%PDF-"
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".on-paper")).to_have_count(0)


# ---- installed
def test_it_can_be_installed_and_opens_without_a_network(open_page, site):
    page = open_page(**PHONE, service_workers="allow")
    page.goto("/")
    map_ready(page)
    manifest = page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then((answer) => answer.json())")
    assert (manifest["display"], manifest["start_url"], manifest["lang"]) == ("standalone", "/", "vi")
    for icon in manifest["icons"]:
        answer = page.request.get(icon["src"])
        assert answer.ok and Image.open(io.BytesIO(answer.body())).size == tuple(map(int, icon["sizes"].split("x")))
    until(page, "navigator.serviceWorker.ready.then((found) => Boolean(found.active))")
    until(page, "caches.match('/offline').then(Boolean)")
    page.reload()  # now by way of the worker, which keeps the shell's files
    map_ready(page)
    until(page, "caches.match('/static/css/map.css').then(Boolean)")
    stored = page.evaluate(
        """async () => { const store = await caches.open('shell-1');
          return (await store.keys()).map((request) => new URL(request.url).pathname); }"""
    )
    assert not [path for path in stored if path.startswith(("/api", "/tiles", "/r/", "/photos", "/admin"))]
    page.context.set_offline(True)
    page.goto("/")
    expect(page.locator("#report-open")).to_be_visible()
    page.goto("/r/7TR-4KM")
    expect(page.get_by_role("heading", name="Không có mạng")).to_be_visible()
    assert axe(page) == []
    page.context.set_offline(False)
    page.errors.clear()  # what did not load without a network


# ---- axe on every public page
@pytest.mark.parametrize("language", ["vi", "en"])
@SCREENS
def test_axe_finds_nothing_on_any_public_page(open_page, site, screen, language):
    code = report(site, "noise", 10.7725, 106.6990)
    page = open_page(**screen, color_scheme="dark" if language == "en" else "light")
    page.context.add_cookies([{"name": "lang", "value": language, "url": site.url}])
    for path in (
        "/list",
        "/list?state=late",
        "/report",
        "/r",
        f"/r/{code}",
        "/r/7TR-4KN",
        "/login",
        "/offline",
        "/api/docs",
        "/nowhere",
    ):
        page.goto(path)
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.errors.clear()  # the 404s
