"""Those who work here, in a real Chromium: logging in by keyboard, releasing a text, logging out."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests import sites

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SCREENS = {"phone": {"width": 360, "height": 740}, "wide": {"width": 1440, "height": 900}}
PASSWORD = "mười hai con giáp nhảy múa"
TEXT = "Cây phượng bật gốc, chắn nửa đường."


@pytest.fixture(scope="module")
def administrator(site) -> str:
    """The first administrator of a site without the demo, made as an operator does."""
    import subprocess
    import sys

    made = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "users", "create", "quan-tri", "--role", "administrator",
         "--label", "Trực ban", "--password-stdin"],
        cwd=sites.REPOSITORY, env=site.environment, input=PASSWORD + "\n", capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return "quan-tri"


def log_in(page: Page, path: str = "/admin") -> None:
    page.goto(path)
    expect(page).to_have_url(f"/login?next={path}")
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.type("quan-tri")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Chờ duyệt")).to_be_visible()


def axe(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = page.evaluate("tags => axe.run(document, { runOnly: tags })", tags)
    return [f"{rule['id']}: {node['target']}" for rule in found["violations"] for node in rule["nodes"]]


def send(site) -> str:
    """A report with a text and a photo; its code."""
    import json
    import urllib.request

    picture = io.BytesIO()
    Image.new("RGB", (320, 240), "green").save(picture, "JPEG")
    report = {"channel": "web", "category": "fallen_tree", "lat": 10.7725, "lon": 106.698, "description": TEXT}
    edge = "7d1c0a"
    body = (
        f'--{edge}\r\nContent-Disposition: form-data; name="report"\r\n\r\n{json.dumps(report)}\r\n'
        f'--{edge}\r\nContent-Disposition: form-data; name="photos"; filename="p.jpg"\r\n\r\n'
    ).encode() + picture.getvalue() + f"\r\n--{edge}--\r\n".encode()  # fmt: skip
    headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    with urllib.request.urlopen(urllib.request.Request(f"{site.url}/api/v1/reports", body, headers)) as answer:
        return json.load(answer)["code"]


def test_what_is_released_is_public_at_once_and_what_is_not_stays_held(open_page, site, administrator) -> None:
    code = send(site)
    visitor, page = open_page(), open_page()
    visitor.goto(f"/r/{code}")
    expect(visitor.get_by_text(TEXT)).to_have_count(0)
    visitor.wait_for_load_state("networkidle")
    log_in(page)
    box = page.get_by_role("listitem").filter(has=page.locator(f'a[href="/r/{code}"]'))
    expect(box.locator("img")).to_have_js_property("naturalWidth", 320)
    box.get_by_role("checkbox", name="Lời kể").uncheck()
    box.get_by_role("button", name="Cho hiện công khai").click()
    expect(page.get_by_role("status")).to_have_text("Đã duyệt 1 mục.")
    visitor.reload()
    expect(visitor.locator('img[src*="/photos/"]').first).to_be_visible()
    expect(visitor.get_by_text(TEXT)).to_have_count(0)
    box.get_by_role("button", name="Cho hiện công khai").click()
    expect(box).to_have_count(0)
    # The open page of the report hears of it by the stream.
    expect(visitor.get_by_text(TEXT)).to_be_visible()


def test_logging_out_ends_it(open_page, administrator) -> None:
    page = open_page()
    log_in(page)
    page.get_by_role("link", name="Tài khoản quan-tri").click()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page).to_have_url("/")
    page.goto("/admin/held")
    expect(page).to_have_url("/login?next=/admin/held")
    page.go_back()
    expect(page.get_by_role("heading", name="Tài khoản quan-tri")).to_have_count(0)


def test_a_logged_in_person_reports_like_everybody(open_page, administrator) -> None:
    page = open_page()
    log_in(page)
    page.goto("/report?address=92 Nguyễn Hữu Cảnh, Bình Thạnh&category=fallen_tree")
    page.locator("form[action='/report'] button").last.click()
    expect(page.get_by_text("Mã").first).to_be_visible()


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, site, administrator, screen, theme) -> None:
    send(site)
    page = open_page(viewport=SCREENS[screen], color_scheme=theme)
    page.goto("/login")
    assert axe(page) == []
    log_in(page)
    for path in ("/admin/held", "/admin/units", "/admin/accounts", "/account"):
        page.goto(path)
        assert axe(page) == [], path
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
