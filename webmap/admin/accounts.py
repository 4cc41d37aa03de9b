"""The accounts: who may log in, and as what. They are made by the operator's command `users create`."""

from __future__ import annotations

from flask import Response

from database.engine import transaction
from incidents import accounts as people_here
from webmap.admin import blueprint, page, who
from webmap.titles import titles


@blueprint.get("/accounts")
def accounts() -> Response:
    """In the order in which they were made."""
    with transaction(who().context) as connection:
        everyone = people_here.everyone(connection)
    return page("staff/accounts.html", "accounts", accounts=everyone, titles=titles)
