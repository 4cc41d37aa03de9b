"""What the environment may say, and what is refused by name."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from database import settings, urls
from database.errors import SettingsError


def test_nothing_set_is_the_demo_on_8022() -> None:
    found = settings.current({})
    assert (found.port, found.demo, found.rate_limits, found.database_url) == (8022, True, True, None)
    assert found.data_dir == settings.REPOSITORY / "var"


def test_values_are_taken_over() -> None:
    found = settings.current(
        {"PORT": "9000", "DATA_DIR": "here", "DEMO": "off", "RATE_LIMITS": "OFF", "DATABASE_URL": "postgresql://x/y"}
    )
    assert (found.port, found.demo, found.rate_limits) == (9000, False, False)
    assert found.data_dir == Path.cwd() / "here"
    assert found.database_url == "postgresql://x/y"


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "0"), ("PORT", "65536"), ("PORT", "٨٠"), ("PORT", "80a"), ("DEMO", "maybe"), ("RATE_LIMITS", "2")],
)
def test_what_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        settings.current({name: value})


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        settings.current({"SECRET_KEY": "short"})


def test_the_secret_is_made_once_whoever_asks_first(tmp_path) -> None:
    site = settings.current({"DATA_DIR": str(tmp_path / "new")})
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: site.secret_key, range(64)))
    assert len(keys) == 1
    kept = tmp_path / "new" / "secret.key"
    assert kept.read_bytes() in keys
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(kept.parent.iterdir()) == [kept]


def test_a_given_secret_wins_over_the_kept_one(tmp_path) -> None:
    site = settings.current({"DATA_DIR": str(tmp_path), "SECRET_KEY": "x" * 16})
    assert site.secret_key == b"x" * 16
    assert not list(tmp_path.iterdir())


def test_each_role_has_its_own_login_on_the_operators_server(tmp_path) -> None:
    site = settings.current(
        {
            "DATA_DIR": str(tmp_path),
            "SECRET_KEY": "x" * 16,
            "DATABASE_URL": "postgresql://boss:p%40ss@db:5433/city?sslmode=require",
        }
    )
    assert urls.url(site, "owner") == site.database_url
    app, public = urls.url(site, "app"), urls.url(site, "public")
    assert app.startswith("postgresql://hotline_app:")
    assert app.endswith("@db:5433/city?sslmode=require")
    assert urls.password(site, "app") != urls.password(site, "public")
    assert "p%40ss" not in app + public
