"""Requests made up from the API's own document, good ones and bad ones, against the real thing.

Whatever is sent, the server must not fail, and every answer must be one that the document names:
its status, its media type and its shape.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip
Wanted = Callable[[str, str], bool]


@dataclass
class Outcome:
    """How many requests were answered how, and what was wrong."""

    statuses: Counter[int] = field(default_factory=Counter)
    operations: int = 0
    skipped: int = 0
    faults: dict[str, str] = field(default_factory=dict)


def fuzz(
    app: Any,
    document: str,
    headers: Mapping[str, str],
    *,
    examples: int,
    seconds: float,
    known_id: Callable[[str], int | None],
    wanted: Wanted = lambda method, path: True,
) -> Outcome:
    """Ask ``app`` for every operation of ``document`` that is ``wanted``, each ``examples`` times
    with good and as often with bad values; after ``seconds`` the rest is counted as skipped.

    ``known_id`` gives for a path the id of something that is there: half of the requests use it.
    """
    schema = schemathesis.openapi.from_dict(json.loads(document))
    schema.app = app
    outcome, end = Outcome(), time.monotonic() + seconds
    for found in schema.get_all_operations():
        operation = found.ok()
        if not wanted(operation.method.upper(), operation.path):
            continue
        if time.monotonic() > end:
            outcome.skipped += 1
            continue
        outcome.operations += 1
        number = known_id(operation.path) if "{id}" in operation.path else None
        fixed = [{}] if number is None else [{"id": number}, {}]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            for place in fixed:
                _ask(operation, mode, place, headers, examples // len(fixed), outcome)
    return outcome


def _ask(
    operation: Any,
    mode: GenerationMode,
    place: Mapping[str, Any],
    headers: Mapping[str, str],
    examples: int,
    outcome: Outcome,
) -> None:
    if mode is GenerationMode.NEGATIVE and not _can_be_wrong(operation, place):
        return
    more = {"path_parameters": dict(place)} if place else {}

    @seed(1)
    @settings(
        max_examples=max(examples, 1), deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode, **more))
    def ask(case: Any) -> None:
        response = case.call(headers=dict(headers))
        outcome.statuses[response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as error:
            name = f"{operation.method.upper()} {operation.path} {response.status_code}"
            outcome.faults.setdefault(name, _told(error))

    ask()


def _can_be_wrong(operation: Any, place: Mapping[str, Any]) -> bool:
    parts = [p.name for p in (*operation.path_parameters, *operation.query, *operation.headers)]
    return bool(operation.body) or any(name not in place for name in parts)


def _told(error: BaseException) -> str:
    parts = getattr(error, "exceptions", None) or [error]
    return "\n".join(str(part) for part in parts)[:2000]
