"""What ends with a record: corrections that wait for consent, and links that show it outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from sanneng.core.enums import CorrectionState
from sanneng.core.models import Correction, ItemLink, Record, User

CHUNK = 500


def end_with(
    model: type[Record], pks: Sequence[int], *, by: User | None
) -> dict[int, dict[str, list[int]]]:
    """Withdraw the pending corrections of records that are deleted, voided, returned or taken
    back, and revoke the links to them. Belongs into the transaction of that step, after the
    records are locked.

    Returns what to note for each record that had any: ``withdrawn`` corrections, ``revoked``
    links, by primary key.
    """
    kind = ContentType.objects.get_for_model(model)
    now = timezone.now()
    settled: dict[str, Any] = {
        "state": CorrectionState.WITHDRAWN, "decided_at": now, "decided_by": by,
    }  # fmt: skip
    ended: dict[int, dict[str, list[int]]] = {}
    for start in range(0, len(pks), CHUNK):
        some = {"content_type": kind, "object_id__in": pks[start : start + CHUNK]}
        waiting = Correction.objects.filter(**some, state=CorrectionState.PENDING)
        links = ItemLink.objects.filter(**some, revoked_at=None)
        for found, name, changes in (
            (waiting, "withdrawn", settled),
            (links, "revoked", {"revoked_at": now}),
        ):
            rows = list(found.order_by("pk").values_list("object_id", "pk"))
            for record, pk in rows:
                ended.setdefault(record, {}).setdefault(name, []).append(pk)
            if rows:
                found.update(**changes)
    return ended
