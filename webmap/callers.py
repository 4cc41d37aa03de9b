"""Where a request comes from: the address it counts for, and the site it was sent from.

The site listens on the loopback interface; what comes from outside comes through a proxy on this machine. So a
forwarded address is believed from a loopback peer alone, and of its list the last one, which that proxy itself wrote.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import request

_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


def address() -> str:
    """The address that this request counts for: an IPv4 address, or the /64 of an IPv6 one (a household's)."""
    peer = _parsed(request.remote_addr or "")
    if peer is not None and peer.is_loopback:
        peer = _parsed(request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()) or peer
    if peer is None:
        return "unknown"
    if isinstance(peer, ipaddress.IPv6Address):
        if peer.ipv4_mapped:
            return str(peer.ipv4_mapped)
        return str(ipaddress.ip_network((peer, 64), strict=False))
    return str(peer)


def is_local() -> bool:
    """Whether it comes from this machine itself, and not through a proxy on it."""
    peer = _parsed(request.remote_addr or "")
    return peer is not None and peer.is_loopback and not any(name in request.headers for name in _FORWARDED)


def origin_matches(*, required: bool) -> bool:
    """Whether the page that sent this request is one of this site. Browsers say so with every write; `required` is
    what to think of a request that does not say."""
    origin = request.headers.get("Origin")
    if origin is None:
        return not required
    said = urlsplit(origin)
    return said.netloc == request.host and said.scheme in (("https",) if request.is_secure else ("http", "https"))


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
