"""A request that is sent twice is done once: answers kept by Idempotency-Key for a day.

First the key is taken, and committed, so that a second request sees the first at work. Then
what was asked is done and its answer kept in one transaction: either both are there or neither,
whatever happens to the process between.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.errors import SannengError
from sanneng.core.models import IdempotentAnswer

KEPT = dt.timedelta(hours=24)
# A first request that is not done by then has died with its process.
GIVEN_UP = dt.timedelta(minutes=10)


class StillAtWork(SannengError):
    code = "request_in_progress"


class KeyUsed(SannengError):
    code = "idempotency_key_reused"


@dataclass(frozen=True)
class Answer:
    """What a request was answered; ``is_repeat`` where it was not done again."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    is_repeat: bool = False


def answer_once(*, owner: str, key: str, request: str, act: Callable[[], Answer]) -> Answer:
    """The answer of ``act``, or the one kept for ``key``.

    ``request`` is a digest of what is asked. Raises KeyUsed for another request under the same
    key, StillAtWork while the first is not done. What ends in an error of the server (5xx) or
    an exception has not happened and can be tried again.
    """
    kept, started = _take(owner, key, request)
    if kept is not None:
        return kept
    mine = IdempotentAnswer.objects.filter(owner=owner, key=key, status=0, started_at=started)
    try:
        with transaction.atomic():
            answer = act()
            failed = answer.status >= 500
            if failed:
                transaction.set_rollback(True)
            elif not mine.update(status=answer.status, headers=answer.headers, body=answer.body):
                raise StillAtWork(_("同一个请求已由另一次重试接手，请稍后再查结果。"))
    except BaseException:
        mine.delete()
        raise
    if failed:
        mine.delete()
    return answer


def _take(owner: str, key: str, request: str) -> tuple[Answer | None, dt.datetime]:
    """Take ``key`` for a new request, or find what it was answered before."""
    now = timezone.now()
    IdempotentAnswer.objects.filter(started_at__lt=now - KEPT).delete()
    try:
        with transaction.atomic():
            IdempotentAnswer.objects.create(owner=owner, key=key, request=request, started_at=now)
    except IntegrityError:
        return _found(owner, key, request, now), now
    return None, now


def _found(owner: str, key: str, request: str, now: dt.datetime) -> Answer | None:
    row = IdempotentAnswer.objects.filter(owner=owner, key=key).first()
    if row is None:
        raise StillAtWork(_("同样的请求正在处理，请稍后再试。"))
    if row.request != request:
        raise KeyUsed(_("这个 Idempotency-Key 已用于另一个请求，请换一个新的。"))
    if row.status == 0:
        waiting = IdempotentAnswer.objects.filter(pk=row.pk, started_at=row.started_at, status=0)
        if now - row.started_at > GIVEN_UP and waiting.update(started_at=now):
            return None
        raise StillAtWork(_("同样的请求正在处理，请稍后再试。"))
    return Answer(row.status, bytes(row.body), row.headers, is_repeat=True)
