"""Which of the two languages a page speaks: the cookie, else what the browser asks for, else Vietnamese.

Vietnamese is the source language: it stands in the templates, the Python and the scripts, and is what gettext looks up.
English lies in ``webmap/translations/en``; ``python -m webmap.translate`` renews it (see there).
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, request
from flask_babel import Babel, format_decimal, get_locale

LANGUAGES = ("vi", "en")
TRANSLATIONS = Path(__file__).parents[1] / "translations"


def chosen() -> str:
    """The language of this request, ``vi`` or ``en``."""
    wanted = request.cookies.get("lang")
    if wanted in LANGUAGES:
        return wanted
    return request.accept_languages.best_match(LANGUAGES, default="vi") or "vi"


def init_app(app: Flask) -> None:
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(TRANSLATIONS))
    Babel(app, default_locale="vi", default_timezone="Asia/Ho_Chi_Minh", locale_selector=chosen)

    app.jinja_env.filters["count_words"] = format_decimal  # 14.707 in Vietnamese, 14,707 in English

    @app.context_processor
    def language() -> dict[str, str]:
        return {"lang": str(get_locale() or "vi")}
