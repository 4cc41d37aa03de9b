"""What a person reads when the site is up: the addresses to open and, in the demo, the log-ins."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator

from database.settings import Settings


def is_ready(port: int) -> bool:
    """Whether the site answers /readyz with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/readyz", headers={"Connection": "close"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def lines(settings: Settings) -> Iterator[str]:
    """The last lines of script/server."""
    site = f"http://127.0.0.1:{settings.port}"
    yield ""
    yield f"Bản đồ (map):        {site}/"
    yield f"API:                 {site}/api/v1/"
    accounts = settings.data_dir / "demo-accounts.json"
    if settings.demo and accounts.exists():
        yield f"Tài khoản dùng thử (demo log-ins), {site}/login:"
        for account in json.loads(accounts.read_text()):
            yield f"  {account['username']:<18} {account['password']:<24} {', '.join(account['roles'])}"
    elif not settings.demo:
        yield f"Đăng nhập (log-in):  {site}/login"
        yield "  người quản trị đầu tiên (first administrator): flask --app app users create NAME --role administrator"
    yield "Dừng bằng Ctrl-C (stop with Ctrl-C)"
