"""What a batch wrote, in one digest."""

from __future__ import annotations

import hashlib
import json

from django.contrib.contenttypes.models import ContentType

from sanneng.core import registry
from sanneng.core.models import ImportBatch, ImportedRow, Record


def rows_digest(batch: ImportBatch) -> str:
    """SHA-256 over every record that ``batch`` created or changed, as it is now.

    One line of JSON for each record, by type and primary key: as long as nobody has changed
    them since, the same records give the same digest.
    """
    rows = ImportedRow.objects.filter(batch=batch)
    kinds = set(rows.order_by().values_list("content_type", flat=True).distinct())
    digest = hashlib.sha256()
    for record_type in registry.all_types():
        model = record_type.model
        kind = ContentType.objects.get_for_model(model).pk
        if kind not in kinds:
            continue
        names = sorted(field.attname for field in model._meta.concrete_fields)
        written = rows.filter(content_type=kind).values("object_id")
        found = model._base_manager.filter(pk__in=written).order_by("pk")
        for values in found.values_list(*names).iterator(2000):
            line = [record_type.code, dict(zip(names, values, strict=True))]
            digest.update(json.dumps(line, ensure_ascii=False, default=str).encode())
            digest.update(b"\n")
    return digest.hexdigest()


def types_in(batch: ImportBatch) -> list[type[Record]]:
    """The types of which ``batch`` created, changed or would correct records."""
    kinds: set[int] = set()
    for rows in (batch.rows, batch.corrections):
        kinds |= set(rows.order_by().values_list("content_type", flat=True).distinct())
    return [
        record_type.model
        for record_type in registry.all_types()
        if ContentType.objects.get_for_model(record_type.model).pk in kinds
    ]
