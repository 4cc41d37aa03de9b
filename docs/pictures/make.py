"""Take the documentation's pictures from a running site: python docs/pictures/make.py http://127.0.0.1:8022"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
PICTURES = (("map-1440-light.png", "/", 1440, 900),)
SETTLED_MS = 8000  # tiles, glyphs and symbols have been drawn by then
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")


def main(site: str) -> None:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        for name, path, width, height in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN", color_scheme="light")
            page.goto(site + path, wait_until="load")
            page.wait_for_timeout(SETTLED_MS)
            page.screenshot(path=HERE / name)
            page.close()
            # A palette of 256 colours is plenty for a map on paper tones and a third of the size.
            Image.open(HERE / name).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
                HERE / name, optimize=True
            )
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
