"""Reports with photos at a steady rate, from clients that remember exactly what was acknowledged."""

from __future__ import annotations

import io
import json
import queue
import random
import threading
import time
from dataclasses import dataclass, field

import httpx
from PIL import Image


@dataclass(kw_only=True)
class Post:
    """One report that was sent, under a key and a word that no other one has."""

    number: int
    key: str
    word: str
    body: bytes
    photo: bytes
    status: int = 0
    """of the answer; 0 where none came"""
    code: str | None = None


@dataclass(kw_only=True)
class Load:
    """`with Load(url=…) as load:` sends until the block ends."""

    url: str
    rate: float = 50.0
    clients: int = 16
    posts: list[Post] = field(default_factory=list)
    late: int = 0
    """posts whose turn came before a client was free"""

    def __enter__(self) -> Load:
        self._ended = threading.Event()
        self._turns: queue.Queue[Post | None] = queue.Queue()
        self._threads = [threading.Thread(target=self._client) for _ in range(self.clients)]
        self._threads.append(threading.Thread(target=self._clock))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    @property
    def acknowledged(self) -> list[Post]:
        return [post for post in self.posts if post.status == 201]

    def _clock(self) -> None:
        began, number = time.monotonic(), 0
        while not self._ended.is_set():
            due = began + number / self.rate
            self._ended.wait(max(0.0, due - time.monotonic()))
            if self._turns.qsize() > self.clients:
                self.late += 1
                time.sleep(0.02)
                began += 0.02  # an outage is no debt: afterwards it goes on at the same rate
                continue
            self._turns.put(make(number))
            number += 1
        for _ in range(self.clients):
            self._turns.put(None)

    def _client(self) -> None:
        with httpx.Client(timeout=30) as client:
            while (post := self._turns.get()) is not None:
                if self._ended.is_set():
                    continue
                self.posts.append(post)
                send(client, self.url, post)


def make(number: int) -> Post:
    """A report with a photo like no other."""
    chance = random.Random(number)
    image = Image.effect_noise((120, 90), 40 + number % 50).convert("RGB")
    image.putpixel((0, 0), (number % 256, number // 256 % 256, 7))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    word = f"giữa-{number:06d}-cuối"
    body = {
        "channel": "web", "category": chance.choice(("fallen_tree", "flooding", "burst_pipe")),
        "lat": 10.76 + chance.random() / 50, "lon": 106.68 + chance.random() / 50, "description": word,
        "reporter": {"phone": f"09{number:08d}"},
    }  # fmt: skip
    return Post(number=number, key=f"load-{number}", word=word, body=json.dumps(body).encode(), photo=buffer.getvalue())


def send(client: httpx.Client, url: str, post: Post) -> None:
    """Send it once; what came of it stands in the post."""
    try:
        answer = client.post(
            f"{url}/api/v1/reports", headers={"Idempotency-Key": post.key},
            files={"report": (None, post.body, "application/json"), "photos": ("a.jpg", post.photo, "image/jpeg")},
        )  # fmt: skip
    except httpx.HTTPError:
        post.status = 0
        return
    post.status = answer.status_code
    if answer.status_code == 201:
        post.code = answer.json()["code"]
