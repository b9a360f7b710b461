"""Secrets that stand in links: random, kept only as digests."""

from __future__ import annotations

import hashlib
import secrets
from typing import NamedTuple


class Token(NamedTuple):
    """``text`` goes into the link and nowhere else; ``digest`` is what is kept."""

    text: str
    digest: str


def new_token() -> Token:
    """256 random bits, in letters that an address can carry."""
    text = secrets.token_urlsafe(32)
    return Token(text, digest_of(text))


def digest_of(text: str) -> str:
    """SHA-256 in hex. The text is random, so nothing slower is needed against guessing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
