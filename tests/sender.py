"""Somebody who sends reports at a steady rate, whatever the answers take."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

BODY = json.dumps({"channel": "web", "category": "fallen_tree", "lat": 10.7725, "lon": 106.698})
_AGAIN_S = 0.3


class Sender:
    """`with Sender(port, seconds=…, a_second=…) as sent:` waits at its end until every report has been answered.

    `repeating`: what was not answered by 201 is sent again, with the same key, until it is. Times are on the monotonic
    clock, which all processes share."""

    def __init__(
        self, port: int, *, seconds: float, a_second: float, threads: int = 8, repeating: bool = False
    ) -> None:
        self._port, self._seconds, self._a_second = port, seconds, a_second
        self._threads, self._repeating = threads, repeating
        self.sent: dict[str, tuple[float, float]] = {}
        """when each was sent (last) and when its 201 came, right behind the commit; by code"""
        self.refused = 0
        """how often something else than 201 came, or nothing"""
        self._local = threading.local()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Sender:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        with ThreadPoolExecutor(self._threads) as pool:
            for number in range(int(self._seconds * self._a_second)):
                time.sleep(max(0.0, began + number / self._a_second - time.monotonic()))
                pool.submit(self._send)

    def _send(self) -> None:
        key = str(uuid.uuid4())
        while not self._post(key):
            self.refused += 1
            if not self._repeating:
                return
            time.sleep(_AGAIN_S)

    def _post(self, key: str) -> bool:
        wire = getattr(self._local, "wire", None)
        if wire is None:
            wire = self._local.wire = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        at = time.monotonic()
        try:
            wire.request("POST", "/api/v1/reports", BODY, {"Content-Type": "application/json", "Idempotency-Key": key})
            answer = wire.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            wire.close()
            self._local.wire = None
            return False
        if answer.status == 201:
            self.sent[json.loads(said)["code"]] = (at, time.monotonic())
        return answer.status == 201
