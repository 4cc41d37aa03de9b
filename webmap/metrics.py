"""/metrics for Prometheus: what comes in, what goes out, how the record, the streams and the pools go.

Counters are kept by every web process in files of a shared folder and added up by whoever is asked; the rest is looked
at when somebody asks. Figures only, labelled by route, status, channel: no address, no code, nobody.
"""

from __future__ import annotations

import hmac
import os
import shutil
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import exc
from werkzeug.exceptions import NotFound

from database import engine, settings
from database.errors import OperatorError
from database.sql import queries
from webmap import callers, request_log
from webmap.live.process import stats
from webmap.live.rendezvous import socket_path
from webmap.metrics_folder import VARIABLE

blueprint = Blueprint("metrics", __name__)
Q = queries(__file__)

_KEPT = CollectorRegistry()
RECEIVED = Counter("hotline_reports_received", "Reports taken in over HTTP.", ["channel"], registry=_KEPT)
PHOTOS = Counter("hotline_photos_received", "Photos stored with them.", registry=_KEPT)
REQUESTS = Counter(
    "hotline_http_requests", "Answers by route and status.", ["method", "route", "status"], registry=_KEPT
)
SECONDS = Histogram(
    "hotline_http_request_seconds", "How long an answer took.", ["route"], registry=_KEPT,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
POOL = Gauge(
    "hotline_pool_connections", "Database connections in use, of all web processes.", ["role"], registry=_KEPT,
    multiprocess_mode="livesum",
)  # fmt: skip
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def register(app: Flask) -> None:
    """Count every answer."""
    app.after_request(_count)


def received(channel: str, photos: int) -> None:
    """A report was taken in."""
    RECEIVED.labels(channel).inc()
    if photos:
        PHOTOS.inc(photos)


def _count(response: Response) -> Response:
    route = request_log.rule()
    method = request.method if request.method in _METHODS else "other"
    REQUESTS.labels(method, route, request_log.answered(response)).inc()
    if "begun" in g:
        SECONDS.labels(route).observe(request_log.elapsed())
    for role, used in engine.connections_in_use().items():
        POOL.labels(role).set(used)
    return response


@blueprint.get("/metrics")
def show() -> Response:
    """All figures, for this machine itself or with METRICS_TOKEN; for anybody else there is no such page."""
    if not _may():
        raise NotFound
    kept = _KEPT
    folder = os.environ.get(VARIABLE)
    if folder:
        kept = CollectorRegistry()
        MultiProcessCollector(kept, folder)  # type: ignore[no-untyped-call]
    now = CollectorRegistry()
    now.register(_Now())
    answer = Response(generate_latest(kept) + generate_latest(now), content_type=CONTENT_TYPE_PLAIN_0_0_4)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _may() -> bool:
    token = settings.current().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if token and given and hmac.compare_digest(given.encode(), token.encode()):
        return True
    return callers.is_local()


class _Now(Collector):
    """What is looked at when somebody asks."""

    def collect(self) -> Iterator[Metric]:
        try:
            with engine.transaction(engine.WORKER) as connection:
                record = connection.execute(Q["record"]).one()
                held = connection.execute(Q["held"]).scalar_one()
        except (exc.OperationalError, exc.TimeoutError, exc.ProgrammingError, OperatorError):
            yield _gauge("hotline_database_up", "Whether the database answers.", 0)
        else:
            yield _gauge("hotline_database_up", "Whether the database answers.", 1)
            yield _gauge("hotline_record_sealed", "Number of the record's last sealed event.", record.sealed)
            yield _gauge("hotline_sequencer_lag_events", "Events that wait for their seal.", record.events)
            yield _gauge("hotline_sequencer_lag_seconds", "How long the first of them waits.", max(0.0, record.seconds))
            yield _gauge("hotline_reports_held", "Reports whose text waits to be looked at.", held)
        here = settings.current()
        streams = stats(socket_path(here))
        yield _gauge("hotline_stream_process_up", "Whether the stream process answers.", int(streams is not None))
        if streams is not None:
            yield _gauge("hotline_streams", "Open event streams.", streams["streams"])
            yield _gauge("hotline_stream_position", "Number of the last event that was streamed.", streams["position"])
            yield _gauge("hotline_stream_messages", "Messages sent to the streams since it began.", streams["messages"])
            yield _gauge("hotline_streams_ended", "Streams that ended since it began.", streams["ended"])
        try:
            free = shutil.disk_usage(here.data_dir).free
        except OSError:
            return
        yield _gauge("hotline_disk_free_bytes", "Room left where DATA_DIR lies.", free)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=float(value))
