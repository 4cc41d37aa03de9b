"""A folium map as one file: what folium would fetch from ten addresses is put in, or left out where nothing needs it.

Leaflet 1.9.4 lies in vendor/ (BSD-2-Clause, its licence beside it). jQuery, Bootstrap, Font Awesome and the marker
plugin that folium adds by default are for its own markers, which these maps do not use.
"""

from __future__ import annotations

import base64
import html
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import branca.element
import folium

HERE = Path(__file__).parent
LEAFLET = HERE / "vendor" / "leaflet"
_FETCHED = re.compile(r"""(?:(?:src|href)\s*=|url\()\s*["']?(https?:[^"'\s)>]+)""")
_ADDRESS = re.compile(r"\b(https?)://")


def page(map_: folium.Map, *, title: str, lang: str, styles: str = "") -> str:
    """The map's whole page, with everything inside. Raises ValueError where something would still be fetched."""
    map_.default_js, map_.default_css = [], []
    root: Any = map_.get_root()
    head = root.header
    licence = (LEAFLET / "LICENSE").read_text(encoding="utf-8")
    head.add_child(Raw(f"<!-- Leaflet:\n{licence}-->\n<style>{leaflet_css()}\n{styles}</style>"), name="000_styles")
    head.add_child(Raw(f"<script>{leaflet_js()}</script>"), name="000_leaflet")
    text: str = root.render()
    # Folium forbids zooming the page with two fingers; that is nobody's to forbid.
    text = re.sub(r"initial-scale=1\.0, maximum-scale=1\.0, user-scalable=no", "initial-scale=1", text)
    text = text.replace("<html>", f'<html lang="{html.escape(lang)}">', 1)
    text = text.replace("<head>", f'<head><meta charset="utf-8"><title>{html.escape(title)}</title>', 1)
    if outside := sorted(set(_FETCHED.findall(text))):
        raise ValueError(f"the map would fetch {outside}")
    return text


class Raw(branca.element.Element):
    """Text that goes into the page as it is; braces in it are no template's."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_: Any) -> str:
        return self.text


@lru_cache(maxsize=1)
def leaflet_js() -> str:
    """The library as one script: no source map, and addresses in its comments and namespaces written so that nothing
    that looks for addresses takes them for one (a backslash before a slash means nothing in a string)."""
    text = (LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    text = re.sub(r"//# sourceMappingURL=\S+", "", text)
    text = text.replace("https://leafletjs.com", "#")  # its link in the attribution, which the maps do not show
    return script_safe(_ADDRESS.sub(r"\1:\\/\\/", text))


@lru_cache(maxsize=1)
def leaflet_css() -> str:
    """Its styles, with the pictures that they name inside."""

    def inside(found: re.Match[str]) -> str:
        picture = (LEAFLET / "images" / found[1]).read_bytes()
        return f"url(data:image/png;base64,{base64.b64encode(picture).decode()})"

    text = re.sub(r"/\*.*?\*/", "", (LEAFLET / "leaflet.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"url\(images/([\w-]+\.png)\)", inside, text)


def script_safe(text: str) -> str:
    """Text that can stand in a script element: nothing in it ends the element."""
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")
