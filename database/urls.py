"""Which address and which login each role uses, embedded or on a PostgreSQL of the operator's."""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from database.cluster import locate
from database.errors import SettingsError
from database.settings import Settings

Role = Literal["owner", "app", "public"]
ROLES: tuple[Role, ...] = ("owner", "app", "public")


def url(settings: Settings, role: Role) -> str:
    """A libpq connection string for `role`: what plain psql opens. The embedded cluster need not run for it.

    With DATABASE_URL the owner's string is that login itself (who then does SET ROLE hotline_owner); app and
    public log in under their own roles with a password derived from the site's secret key.
    """
    if settings.database_url is None:
        return locate(settings).url(role)
    if role == "owner":
        return settings.database_url
    parts = urlsplit(settings.database_url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise SettingsError("DATABASE_URL phải bắt đầu bằng postgresql:// (must begin with postgresql://)")
    place = parts.netloc.rpartition("@")[2]
    login = f"hotline_{role}:{quote(password(settings, role), safe='')}@{place}"
    return urlunsplit((parts.scheme, login, parts.path, parts.query, ""))


def password(settings: Settings, role: Role) -> str:
    """The password of a role where logins need one: derived, so that it is kept nowhere."""
    return hmac.new(settings.secret_key, f"database role {role}".encode(), hashlib.sha256).hexdigest()
