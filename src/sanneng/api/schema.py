"""The OpenAPI document: what ninja makes of the endpoints, with every error added to it."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from sanneng.api.problems import MEDIA_TYPE, titles

# What every endpoint can answer beside what it is for.
EVERYWHERE = (400, 401, 403, 404, 405, 422, 429, 503)
WITH_BODY = (413, 415)
WITH_KEY = (409,)
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "出了什么事，怎么办"},
        "code": {"type": "string", "description": "给程序判断用"},
        "errors": {
            "type": "object",
            "description": "按项列出的错误",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}


class StrictParser(Parser):
    """Reads JSON in which every name stands once and every number is one."""

    def parse_body(self, request: HttpRequest) -> Any:
        return json.loads(request.body, object_pairs_hook=_each_once, parse_constant=_no_number)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


class SannengAPI(NinjaAPI):
    """The API with a document that names every answer."""

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**where)
        schema["components"]["schemas"]["Problem"] = PROBLEM
        schema["components"]["responses"] = {
            f"Problem{status}": {
                "description": title,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            for status, title in titles().items()
        }
        for operations in schema["paths"].values():
            for operation in operations.values():
                _add_refusals(operation)
        return schema


def _add_refusals(operation: dict[str, Any]) -> None:
    refusals = {*EVERYWHERE, *operation.pop("x-refusals", ())}
    if "requestBody" in operation:
        refusals |= set(WITH_BODY)
    if any(one["name"] == "Idempotency-Key" for one in operation["parameters"]):
        refusals |= set(WITH_KEY)
    responses = {str(status): answer for status, answer in operation["responses"].items()}
    for status in sorted(refusals):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = responses


def document_of(api: SannengAPI) -> str:
    """The document as JSON text."""
    return json.dumps(api.get_openapi_schema(), ensure_ascii=False)
