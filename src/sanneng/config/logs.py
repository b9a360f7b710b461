"""Structured logs: one event a line, to standard error."""

from __future__ import annotations

import logging.config
import re
from typing import Any

import structlog

# Addresses that are themselves a secret: whoever has one may open it.
_SECRET_ADDRESS = re.compile(r"/(join|reset|item|calendar(?=/[^/\s'\"]+\.ics))/[^/\s'\"]+")


def without_secrets(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Take the secret out of the addresses that Django writes into its warnings."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _SECRET_ADDRESS.sub(r"/\1/…", value)
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    without_secrets,
]


def logging_config(*, as_json: bool, level: str) -> None:
    """Send Django's log and our own through one formatter. JSON also keeps a line feed in a
    logged value from looking like a new event."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "events": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": _SHARED,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        renderer,
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "events"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {"fontTools": {"level": "WARNING"}},
        }
    )
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
