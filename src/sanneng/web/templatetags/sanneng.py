"""What templates need beside Django's own tags."""

from __future__ import annotations

from django import template

from sanneng.core.models import Record

register = template.Library()

_STATES = {
    "draft": "secondary", "submitted": "azure", "approved": "green", "returned": "orange",
    "voided": "red", "agrees": "green", "disagrees": "red", "unknown": "secondary",
    "ambiguous": "yellow", "frozen": "blue", "queued": "secondary", "running": "azure",
    "done": "green", "failed": "red",
}  # fmt: skip


@register.filter
def tone(state: str) -> str:
    """The colour of a state or a verdict."""
    return _STATES.get(str(state), "secondary")


@register.filter
def code(record: Record) -> str:
    """The record's type as addresses name it."""
    return record._meta.label_lower
