"""How the program is: whether it is alive, whether it can do its work, and its figures."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from secrets import compare_digest

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.cases.tables import CaseRow, ConversationRow, InboxRow, OutboxRow
from bot.cases.vocabulary import LEVELS
from bot.clock import Clock
from bot.database import Database
from bot.meters import Meters

TOO_OLD = 120.0
"""Seconds that a message may wait for its answer before the program counts as not ready."""


@dataclass(frozen=True)
class Ages:
    """Seconds that the oldest message has waited for an answer, and the oldest reply to leave."""

    queue: float
    outbox: float


class Condition:
    """Answers ``/health``, ``/ready`` and ``/metrics``.

    Args:
        channels: the channels that this program serves.
        token: who knows it may read the metrics from anywhere; without it only this machine may.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channels: Collection[str],
        meters: Meters,
        token: str = "",
    ) -> None:
        self._database = database
        self._clock = clock
        self._channels = channels
        self._meters = meters
        self._token = token

    @property
    def routes(self) -> list[Route]:
        """The three routes."""
        return [
            Route("/health", self._health),
            Route("/ready", self._ready),
            Route("/metrics", self._metrics),
        ]

    def ages(self) -> Ages:
        """How long the oldest things have waited.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database is away.
        """
        asked = select(func.min(InboxRow.received_at)).where(
            InboxRow.done_at.is_(None), InboxRow.channel.in_(self._channels)
        )
        told = (
            select(func.min(OutboxRow.created_at))
            .join(ConversationRow)
            .where(
                OutboxRow.sent_at.is_(None),
                OutboxRow.failed.is_(False),
                ConversationRow.channel.in_(self._channels),
            )
        )
        with self._database.reading() as session:
            oldest = session.execute(asked).scalar(), session.execute(told).scalar()
        return Ages(self._age(oldest[0]), self._age(oldest[1]))

    def _age(self, since: datetime | None) -> float:
        return max(0.0, (self._clock.now() - since).total_seconds()) if since else 0.0

    async def _health(self, _: Request) -> Response:
        """The process is alive."""
        return JSONResponse({"status": "ok"})

    async def _ready(self, _: Request) -> Response:
        """The database answers and nobody has waited too long; the model is loaded before."""
        try:
            ages = await asyncio.to_thread(self.ages)
        except SQLAlchemyError:
            return JSONResponse({"status": "database away", "model": "ok"}, 503)
        late = ages.queue > TOO_OLD
        return JSONResponse(
            {
                "status": "people wait" if late else "ok",
                "model": "ok",
                "queue_age": ages.queue,
                "outbox_age": ages.outbox,
            },
            503 if late else 200,
        )

    async def _metrics(self, request: Request) -> Response:
        """The figures, for this machine or for who knows the token."""
        if not self._may_read(request):
            return Response(status_code=404)
        try:
            await asyncio.to_thread(self._look)
        except SQLAlchemyError:
            return Response(status_code=503)
        return Response(self._meters.shown(), media_type="text/plain; version=0.0.4")

    def _may_read(self, request: Request) -> bool:
        if self._token:
            given = request.headers.get("authorization", "").removeprefix("Bearer ")
            return compare_digest(given.encode(), self._token.encode())
        # what a proxy passes on comes from outside, though its connection is this machine's
        if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
            return False
        return request.client is not None and _is_loopback(request.client.host)

    def _look(self) -> None:
        ages = self.ages()
        self._meters.queue_age.set(ages.queue)
        self._meters.outbox_age.set(ages.outbox)
        query = (
            select(CaseRow.urgency, func.count())
            .where(CaseRow.urgency.is_not(None), CaseRow.status != "draft")
            .group_by(CaseRow.urgency)
        )
        with self._database.reading() as session:
            counted = dict(session.execute(query).all())
        for urgency, level in enumerate(LEVELS):
            self._meters.cases.labels(level).set(counted.get(urgency, 0))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
