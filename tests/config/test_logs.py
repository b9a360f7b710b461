"""Addresses that are themselves a secret stand in no log."""

from __future__ import annotations

import secrets

import pytest
from django.urls import URLPattern, get_resolver

from sanneng.config.logs import without_secrets


def _addresses(patterns, before=""):
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield route
        else:
            yield from _addresses(one.url_patterns, route)


SECRET = sorted({one for one in _addresses(get_resolver().url_patterns) if "<str:token>" in one})


def test_the_addresses_are_found():
    assert len(SECRET) >= 6


@pytest.mark.parametrize("address", SECRET)
def test_the_token_is_taken_out(address):
    token = secrets.token_urlsafe(32)
    path = "/" + address.replace("<str:token>", token).replace("<int:pk>", "1")
    written = without_secrets(None, "", {"event": f"Method Not Allowed (POST): {path}"})["event"]
    assert token not in written
    assert "…" in written


def test_other_addresses_stay_whole():
    event = {"event": "Not Found: /calendar/2026/03/ and /calendar/feed/"}
    assert without_secrets(None, "", dict(event)) == event
