"""Reading the environment: the only module that does."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, default: bool) -> bool:
    """A yes-or-no variable. Raises ImproperlyConfigured for anything else."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def number(name: str, default: int) -> int:
    """A whole number that is not negative. Raises ImproperlyConfigured for anything else."""
    value = os.environ.get(name, str(default)).strip()
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def listed(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    """A variable with few values. Raises ImproperlyConfigured for any other."""
    value = os.environ.get(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def secret(name: str) -> str:
    """A secret from the variable, or from the file that ``name`` with ``_FILE`` points to, as
    containers hand them over; empty when neither is given. Raises ImproperlyConfigured for
    both at once, or for a file that cannot be read."""
    value, file = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if value and file:
        raise ImproperlyConfigured(f"Give {name} or {name}_FILE, not both.")
    if not file:
        return value
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from error


def kept_secret(name: str, file: Path) -> str:
    """A secret from the environment, or from ``file``, which is made at the first start.

    Raises ImproperlyConfigured where others may read that file.
    """
    value = secret(name)
    if value:
        return value
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(64))
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise ImproperlyConfigured(f"Others may read {file}: run chmod 600 {file}")
    return file.read_text().strip()


_SAMPLES = ("changeme", "sample", "example", "insecure", "placeholder", "replaceme", "yourpassword")
_FEW_LETTERS = 5


def is_sample(value: str) -> bool:
    """Whether a secret looks like one that was copied from instructions and never replaced."""
    letters = "".join(letter for letter in value.lower() if letter.isalnum())
    return any(word in letters for word in _SAMPLES) or len(set(value)) < _FEW_LETTERS


def refuse_samples(**given: str) -> None:
    """Raises ImproperlyConfigured naming the variable whose secret is a sample; an empty one
    is not given at all."""
    for name, value in given.items():
        if value and is_sample(value):
            raise ImproperlyConfigured(f"{name} is a sample; use one of your own.")


def database(url: str, sqlite_file: Path) -> dict[str, Any]:
    """Django's settings for ``url`` (postgresql://user:password@host:port/name), or SQLite.

    Raises ImproperlyConfigured for any other kind of URL.
    """
    if not url:
        return _sqlite(sqlite_file)
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("SANNENG_DATABASE_URL must begin with postgresql://")
    return {
        "ENGINE": "sanneng.core.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def _sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": {
            # A writer takes its place at once instead of failing half way through.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                "PRAGMA secure_delete=ON;"
            ),
        },
    }
