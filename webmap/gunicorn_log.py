"""gunicorn's own words go where the site's go, without the addresses and headers that it puts into them."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger

from webmap import logs


class Log(Logger):  # type: ignore[misc]
    """Named in gunicorn_conf."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logs.configure("web")
        self.error_log.handlers[:] = [logs.Handler()]
        self.error_log.propagate = False
        self.error_log.setLevel(logging.WARNING)
