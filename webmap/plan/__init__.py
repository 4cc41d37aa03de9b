"""/plan: the planner's workbench. What, where, when and how is asked for in a form; the address holds all of it; the
worker answers; the page says what was found, and files of it are taken away.

Who may open it stands in webmap/policy.py. What is counted is the public read model.
"""

from __future__ import annotations

from flask import Blueprint

from incidents.accounts import Account
from webmap import sessions

blueprint = Blueprint("plan", __name__, url_prefix="/plan")


def who() -> Account:
    """Whoever is logged in; webmap.policy has let them through."""
    found = sessions.account()
    assert found is not None
    return found


from webmap.plan import monthly, page, runs, takeaway  # noqa: E402  (routes hang themselves on the blueprint)

__all__ = ["blueprint", "monthly", "page", "runs", "takeaway", "who"]
