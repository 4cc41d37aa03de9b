"""The public pages as they leave the server: policy, cookies, language, files on the way."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("path", ["/", "/r", "/list"])
def test_a_page_forbids_what_is_not_its_own_and_sets_no_cookie(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert "Set-Cookie" not in answer.headers
    assert "<script>" not in answer.text and "style=" not in answer.text and "onclick" not in answer.text


def test_language_follows_the_browser_then_the_cookie(client):
    assert '<html lang="vi"' in client.get("/").text
    assert '<html lang="en"' in client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert '<html lang="vi"' in client.get("/", headers={"Accept-Language": "fr"}).text
    client.set_cookie("lang", "en")
    assert '<html lang="en"' in client.get("/", headers={"Accept-Language": "vi"}).text
    client.delete_cookie("lang")


def test_the_switches_lead_back_to_the_page_and_nowhere_else(client):
    back = client.get("/language/en", headers={"Referer": "http://localhost/?v=13/10.7/106.7"})
    assert (back.status_code, back.headers["Location"]) == (303, "/?v=13/10.7/106.7")
    assert back.headers["Set-Cookie"].startswith("lang=en;")
    for elsewhere in ("http://example.org/x", "http://localhost//example.org", ""):
        assert client.get("/theme/dark", headers={"Referer": elsewhere}).headers["Location"] == "/"
    assert client.get("/language/xx").status_code == 404
    client.delete_cookie("lang")
    client.delete_cookie("theme")


def test_the_theme_stands_in_the_page_from_the_start(client):
    client.set_cookie("theme", "contrast")
    assert 'data-theme="light" data-contrast="more"' in client.get("/").text
    client.set_cookie("theme", '"><script>')
    assert "data-theme" not in client.get("/").text.split(">")[1]
    client.delete_cookie("theme")


@pytest.mark.parametrize(("heard", "code"), [("7tr-4km", "7TR4KM"), (" 7TR 4KM ", "7TR4KM")])
def test_a_code_as_it_is_heard_leads_to_its_page(client, heard, code):
    answer = client.get("/r", query_string={"code": heard})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/r/{code}")


def test_a_code_that_cannot_be_one_is_explained(client):
    answer = client.get("/r", query_string={"code": "O0I1L<b>"})
    assert answer.status_code == 200 and 'aria-invalid="true"' in answer.text and "L<b>" not in answer.text


def test_files_travel_compressed_and_are_kept(client):
    library = "/static/vendor/maplibre-gl/maplibre-gl.mjs"
    whole = client.get(library, headers={"Accept-Encoding": "identity"})
    small = client.get(library, headers={"Accept-Encoding": "gzip, br"})
    assert small.headers["Content-Encoding"] == "br" and len(small.data) < len(whole.data) / 3
    assert small.mimetype == "text/javascript" and "max-age" in small.headers["Cache-Control"]
    again = client.get(library, headers={"Accept-Encoding": "br", "If-None-Match": small.headers["ETag"]})
    assert again.status_code == 304
    assert "max-age" not in client.get("/static/js/map/index.js").headers.get("Cache-Control", "")
