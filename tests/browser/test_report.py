"""A report as a person sends and follows it: by touch, by keyboard, on a bad network, without a script."""

from __future__ import annotations

import json
import re

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.pages import PHONE, SENT, WIDE, patience
from tests.pages import axe as _axe
from tests.pages import map_ready as _map
from tests.pages import open_sheet as _open
from tests.pages import sent_code as _code
from tests.pages import until as _until

LIVE_SECONDS = 2.0


def _ours(site, place: tuple[float, float]) -> list[dict]:
    lat, lon = place
    box = f"{lon - 0.0005},{lat - 0.0005},{lon + 0.0005},{lat + 0.0005}"
    status, answer = site.get(f"/api/v1/reports?bbox={box}&limit=1000")
    assert status == 200, answer
    return [feature["properties"] for feature in answer["features"]]


def test_a_pin_dropped_by_touch_is_sent_and_seen_elsewhere(open_page, site):
    watcher = open_page(**WIDE)
    watcher.goto("/?v=16/10.7769/106.7009")
    expect(watcher.locator("#live .dot")).not_to_have_class(re.compile("lost"))

    phone = open_page(**PHONE)
    phone.goto("/?v=17/10.7769/106.7009")
    _map(phone)
    phone.locator("#report-open").tap()
    before = phone.locator("#report-pin").evaluate("pin => window.hotlineMap.getCenter().lng")
    phone.touchscreen.tap(250, 180)
    _until(phone, f"Math.abs(window.hotlineMap.getCenter().lng - {before}) > 1e-4")
    expect(phone.locator("#report-place")).to_contain_text("P. Sài Gòn")
    phone.locator("label.cat").nth(0).tap()
    expect(phone.locator("[data-goes-to]")).to_contain_text("Nơi nhận:")
    phone.locator("[data-send]").tap()
    code = _code(phone)
    watcher.wait_for_selector(
        f"#fresh:not([hidden]), #list [data-code='{code}']", timeout=patience(LIVE_SECONDS) * 1000
    )

    phone.locator("[data-page]").tap()
    phone.wait_for_url(f"**/r/{code}")
    expect(phone.locator("h1")).to_have_text("Cây xanh gãy, đổ")
    expect(phone.locator(".tl li")).to_contain_text(
        ["Chờ đơn vị xử lý xong", "Chuyển đơn vị ngay", "Tiếp nhận qua web"]
    )
    assert site.get(f"/api/v1/reports/{code}")[1]["ward"]["code"] == "26740"


def test_by_keyboard_alone(open_page, site):
    page = open_page(**WIDE)
    page.goto("/?v=17/10.7915/106.7182")
    _map(page)
    page.keyboard.press("b")
    expect(page.locator("#report-sheet")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#report-pin")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator("[data-said]")).to_contain_text("P. Thạnh Mỹ Tây")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "choice":
            break
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[name=choice]:checked")).to_have_value("subsidence")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.hasAttribute('data-send')"):
            break
    page.keyboard.press("Enter")
    code = _code(page)
    expect(page.locator(SENT)).to_be_focused()
    where = site.get(f"/api/v1/reports/{code}")[1]["location"]
    assert where["lat"] == pytest.approx(10.7915 + 100 / 111_195, abs=2e-5)
    assert where["lon"] == pytest.approx(106.7182 + 10 / (111_195 * 0.9823), abs=2e-5)


@pytest.mark.parametrize(("screen", "theme", "lang"), [(PHONE, "light", "vi"), (WIDE, "dark", "en")])
def test_axe_finds_nothing(open_page, site, screen, theme, lang):
    page = open_page(**screen, locale="en-GB" if lang == "en" else "vi-VN")
    page.context.add_cookies(
        [{"name": "theme", "value": theme, "url": site.url}, {"name": "lang", "value": lang, "url": site.url}]
    )
    _open(page, (10.7801, 106.6990))
    page.locator("label.cat").nth(6).click()
    page.locator("[data-more]").click()
    assert _axe(page) == []
    page.locator("[data-send]").click()
    code = _code(page)
    assert _axe(page) == []
    for path in (f"/r/{code}", "/r/7TR-4KN", "/report"):
        page.goto(path)
        assert _axe(page) == [], path
    page.errors.clear()  # the 404 of a mistyped code is said in the console


def test_a_draft_outlives_a_reload(open_page):
    page = open_page(**PHONE)
    _open(page, (10.7623, 106.6822))
    page.locator("label.cat").nth(4).tap()
    page.locator("label.pick", has_text="Ngập nước").tap()
    page.locator("[data-more]").tap()
    page.locator("#report-description").fill("Nước ngập tới gối trước số 12")
    page.locator("[data-photo]").set_input_files(
        {"name": "ngap.png", "mimeType": "image/png", "buffer": _picture(page)}
    )
    expect(page.locator("[data-thumbs] img")).to_have_count(1)
    page.reload()
    _map(page)
    page.locator("#report-open").tap()
    expect(page.locator("input[name=choice]:checked")).to_have_value("drain")
    expect(page.locator("label.pick input:checked")).to_have_value("flooding")
    expect(page.locator("#report-description")).to_have_value("Nước ngập tới gối trước số 12")
    expect(page.locator("[data-thumbs] img")).to_have_count(1)
    page.locator("[data-send]").tap()
    _code(page)


def test_an_answer_that_was_lost_never_makes_a_second_report(open_page, site):
    place = (10.8012, 106.7100)
    page = open_page(**WIDE)
    _open(page, place)
    page.locator("label.cat").nth(1).click()
    lost = []

    def lose(route):
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/api/v1/reports", lose)
    page.locator("[data-send]").click()
    expect(page.locator("[data-waiting]")).to_be_visible()
    assert lost == [201]
    page.unroute("**/api/v1/reports")
    page.reload()  # the key is kept with the draft, which goes out by itself
    code = _code(page)
    assert [report["code"] for report in _ours(site, place)] == [code]
    page.errors.clear()


def test_what_was_changed_after_a_lost_answer_is_said(open_page, site):
    place = (10.8062, 106.7200)
    page = open_page(**WIDE)
    _open(page, place)
    page.locator("label.cat").nth(1).click()
    page.route("**/api/v1/reports", lambda route: (route.fetch(), route.abort()))
    page.locator("[data-send]").click()
    expect(page.locator("[data-waiting]")).to_be_visible()
    page.locator("[data-more]").click()
    page.locator("#report-description").fill("Hố sâu nửa mét")
    page.unroute("**/api/v1/reports")  # not before: it tries again by itself after some seconds
    page.locator("[data-send]").click()
    code = _code(page)
    expect(page.locator("[data-next]")).to_contain_text("Bản gửi trước đã tới nơi")
    assert [report["code"] for report in _ours(site, place)] == [code]
    page.errors.clear()


def test_without_a_network_it_is_kept_and_goes_out_by_itself(open_page, site):
    place = (10.7700, 106.6700)
    page = open_page(**PHONE)
    _open(page, place)
    page.locator("label.cat").nth(5).tap()
    page.context.set_offline(True)
    page.locator("[data-send]").tap()
    expect(page.locator("[data-waiting]")).to_contain_text("Không có mạng.")
    page.context.set_offline(False)
    code = _code(page)
    assert [report["code"] for report in _ours(site, place)] == [code]
    page.errors.clear()


def test_the_device_s_own_position_is_asked_for_only_by_its_button(open_page, site):
    here = {"latitude": 10.7886, "longitude": 106.6950, "accuracy": 12}
    page = open_page(**PHONE, geolocation=here, permissions=["geolocation"])
    page.add_init_script(
        "const real = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);"
        "navigator.geolocation.getCurrentPosition = (...given) => { window.asked = true; real(...given); };"
    )
    page.goto("/")
    _map(page)
    page.locator("#report-open").tap()
    expect(page.locator("[data-place-title]")).to_have_text("Chưa có vị trí")
    assert page.evaluate("window.asked") is None
    page.locator("[data-locate]").tap()
    expect(page.locator("[data-place-line]")).to_contain_text("GPS ±12 m")
    page.locator("label.cat").nth(3).tap()
    page.locator("[data-send]").tap()
    where = site.get(f"/api/v1/reports/{_code(page)}")[1]["location"]
    assert (where["accuracy_m"], where["lat"], where["lon"]) == (12, pytest.approx(10.7886), pytest.approx(106.6950))


def test_without_webgl_an_address_takes_the_pin_s_place(open_page, site):
    page = open_page(**PHONE)
    page.add_init_script(
        "const real = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        " return kind.startsWith('webgl') ? null : real.call(this, kind, ...more); };"
    )
    page.goto("/?report=1")
    page.locator("#report-address").fill("Phường Bến Thành")
    page.locator(".candidate").first.tap()
    expect(page.locator("[data-place-title]")).to_contain_text("Bến Thành")
    page.locator("label.cat").nth(5).tap()
    page.locator("[data-send]").tap()
    where = site.get(f"/api/v1/reports/{_code(page)}")[1]
    assert where["ward"]["name"] == "Phường Bến Thành"
    assert where["location"]["precision"] == "ward"
    page.errors.clear()  # the map's library says that it cannot draw


def test_errors_stand_at_their_fields(open_page):
    page = open_page(**WIDE)
    page.goto("/?report=1")
    _map(page)
    page.locator("[data-send]").click()
    expect(page.locator("[data-errors]")).to_be_focused()
    expect(page.locator("[data-errors] li")).to_have_count(2)
    page.locator("[data-errors] a").first.click()
    expect(page.locator("#report-address")).to_be_focused()
    page.evaluate("window.hotlineMap.jumpTo({ center: [105.85, 21.03], zoom: 16 })")
    expect(page.locator("[data-place-title]")).to_have_text("Ngoài Thành phố Hồ Chí Minh")
    page.locator("label.cat").nth(0).click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-errors]")).to_contain_text("Vị trí nằm ngoài Thành phố Hồ Chí Minh")
    expect(page.locator("[data-wrong=place]")).to_be_visible()
    page.errors.clear()  # the 422 answers


def test_without_a_script_an_address_is_enough(open_page, site):
    page = open_page(**PHONE, java_script_enabled=False)
    page.goto("/report")
    page.locator("#address").fill("Phường Bến Thành")
    page.locator("#category").select_option("light_out")
    page.locator("#description").fill("Đèn tắt cả đoạn đường")
    page.get_by_role("button", name="Gửi phản ánh").click()
    code = page.locator(".code").inner_text().replace("-", "")
    page.get_by_role("link", name="Xem trang phản ánh").click()
    expect(page.locator("h1")).to_have_text("Đèn đường không sáng")
    expect(page.locator(".kv")).to_contain_text("Chỉ biết tới phường, xã")
    assert site.get(f"/api/v1/reports/{code}")[0] == 200


def test_a_report_s_page_renews_itself(open_page, site):
    status, sent = site.post(
        "/api/v1/reports", {"channel": "app", "category": "burst_pipe", "lat": 10.7725, "lon": 106.6980}
    )
    assert status == 201, sent
    page = open_page(**WIDE)
    page.goto(f"/r/{sent['code'].lower()}")
    assert page.url.endswith(f"/r/{sent['code']}")
    expect(page.locator(".state b")).to_contain_text("Đã chuyển đơn vị · còn")
    _until(page, "performance.getEntriesByType('resource').some((each) => each.name.includes('part=1'))")
    _step(site, sent["code"], "in_progress")
    expect(page.locator(".tl")).to_contain_text("Bắt đầu xử lý", timeout=patience(LIVE_SECONDS) * 1000)
    expect(page.locator(".state b")).to_contain_text("Đang xử lý · còn")
    expect(page.locator("#report-map canvas")).to_have_count(1)
    expect(page.locator("#report-news")).to_contain_text("Vừa cập nhật: Đang xử lý")


@pytest.mark.parametrize("size", [(320, 640), (360, 740), (740, 360), (1440, 900)])
def test_the_pin_stands_in_the_map_that_is_seen(open_page, size):
    page = open_page(viewport={"width": size[0], "height": size[1]})
    _open(page, (10.7915, 106.7182))
    page.locator("label.cat").nth(4).click()
    expect(page.locator("[data-goes-to]")).to_contain_text("Nơi nhận")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")  # it is laid out
    _until(
        page,
        """(() => {
          const { left: x, top: y } = document.querySelector('#report-pin').getBoundingClientRect();
          return document.elementFromPoint(x, y).className.includes('maplibregl-canvas');
        })()""",
    )
    place = page.evaluate("window.hotlineMap.getCenter().toArray()")
    assert place == [pytest.approx(106.7182), pytest.approx(10.7915)]


def test_nothing_scrolls_sideways_on_a_narrow_screen(open_page, site):
    sent = site.post("/api/v1/reports", {"channel": "web", "category": "noise", "lat": 10.7725, "lon": 106.6990})[1]
    page = open_page(viewport={"width": 320, "height": 640})
    for path in (f"/r/{sent['code']}", "/report", "/r/7TR-4KN"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    page.errors.clear()


def _step(site, code: str, status: str) -> None:
    """A step of the workflow, as its own issue will write it: state, public rows and the event in one transaction."""
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT incident_id, id FROM public_report WHERE code = %s", (code,)).fetchone()
        assert found is not None
        incident_id, report_id = found
        step = json.dumps([{"status": status}])
        connection.execute("UPDATE incident SET status = %s, updated_at = now() WHERE id = %s", (status, incident_id))
        connection.execute(
            "UPDATE public_incident SET status = %s, updated_at = now() WHERE id = %s", (status, incident_id)
        )
        connection.execute(
            "UPDATE public_report SET status = %s, updated_at = now(), "
            "steps = steps || jsonb_set(%s::jsonb, '{0,at}', to_jsonb(now())) WHERE id = %s",
            (status, step, report_id),
        )
        connection.execute(
            "INSERT INTO event (kind, incident_id, report_id, actor, data) "
            "VALUES ('incident.status_changed', %s, %s, 'test', %s)",
            (incident_id, report_id, json.dumps({"status": status})),
        )


def _picture(page: Page) -> bytes:
    """A PNG larger than what is sent."""
    drawn = page.evaluate(
        """async () => {
          const canvas = Object.assign(document.createElement('canvas'), { width: 3000, height: 1500 });
          canvas.getContext('2d').fillRect(0, 0, 1500, 1500);
          const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
          return [...new Uint8Array(await blob.arrayBuffer())];
        }"""
    )
    return bytes(drawn)
