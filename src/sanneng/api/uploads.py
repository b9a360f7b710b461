"""Uploaded files as the rest of the product takes them: by a path with a proper ending."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ninja.files import UploadedFile

from sanneng.core.domain.evidence import clean_title


@contextmanager
def on_disk(upload: UploadedFile, *, fallback: str) -> Iterator[Path]:
    """A copy of ``upload`` in a folder of its own, gone afterwards. Only the ending of its
    name is kept: what a person called a file is no path."""
    suffix = Path(clean_title(upload.name or "")).suffix[:10]
    if not suffix.isprintable() or "/" in suffix:
        suffix = ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{fallback}{suffix}"
        with path.open("wb") as target:
            for piece in upload.chunks():
                target.write(piece)
        yield path
