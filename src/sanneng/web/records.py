"""What the pages about records share: types and records as the user may see them."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from sanneng.core.models import Record
from sanneng.core.registry import RecordType, type_by_code, types_of
from sanneng.web.scope import Scope, rights_of


def type_or_404(code: str) -> RecordType:
    """The record type called ``code``."""
    try:
        return type_by_code(code)
    except KeyError:
        raise Http404 from None


def record_or_404(request: HttpRequest, record_type: RecordType, pk: int) -> Record:
    """The record where the user may read it; a foreign one is not found."""
    rights = rights_of(request)
    mine = record_type.model.objects.filter(rights.reads(record_type.model))
    found = get_object_or_404(mine.select_related(*foreign_keys(record_type)), pk=pk)
    assert isinstance(found, Record)
    return found


def number_of(text: str | None, digits: int = 15) -> int | None:
    """The whole number that an address or a form gives; None for anything else."""
    given = text or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= digits else None


def foreign_keys(record_type: RecordType) -> list[str]:
    """The references of a type, to be fetched with its records."""
    return [field.name for field in record_type.model._meta.concrete_fields if field.is_relation]


def readable_types(scope: Scope) -> list[RecordType]:
    """The types of which the user may read some records in the page's school."""
    return [
        one for one in types_of(scope.school) if scope.roles & (one.access.read | one.access.own)
    ]


def enterable_types(scope: Scope) -> list[RecordType]:
    """The types of which the user may make records in the page's school."""
    return [
        one for one in types_of(scope.school) if scope.rights.may_enter(one.model, scope.school)
    ]
