"""What a load balancer and a monitor ask for, without a log-in."""

from __future__ import annotations

import ipaddress
import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST

from sanneng.core.row_security import all_schools
from sanneng.running.metrics import exposition


@login_not_required
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 where the database answers, 503 where it does not, and nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("unavailable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@all_schools()
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for a monitor: for this machine, or whoever has the token; else not found."""
    if not (_has_token(request) or _is_local(request)):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    """Whether the token is shown; one sent in the clear where HTTPS is asked for is refused."""
    kind, _blank, given = request.headers.get("authorization", "").partition(" ")
    token = settings.METRICS_TOKEN
    if not token or kind != "Bearer" or (settings.HTTPS and not request.is_secure()):
        return False
    return secrets.compare_digest(given.encode(), token.encode())


def _is_local(request: HttpRequest) -> bool:
    """Asked from this machine itself. What a proxy passes on comes from elsewhere, whatever
    address the proxy has."""
    if settings.BEHIND_PROXY or "x-forwarded-for" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
