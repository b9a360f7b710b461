"""Files that the product keeps."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

PIECE = 1 << 20  # bytes


def write_whole(place: Path, pieces: Iterable[bytes]) -> None:
    """Write ``pieces`` to ``place``, for the product alone to read: whole, or not at all.

    Several may write the same file at once: each under a name of its own, until it is whole
    and on the disk.
    """
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = place.with_name(f"{place.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            for piece in pieces:
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)


def pieces_of(source: IO[bytes]) -> Iterator[bytes]:
    """All of ``source``, from its beginning."""
    source.seek(0)
    while piece := source.read(PIECE):
        yield piece
