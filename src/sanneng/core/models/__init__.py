from sanneng.core.models.account import Membership, StandIn, User
from sanneng.core.models.audit import AuditEntry, AuditHead
from sanneng.core.models.correction import Correction
from sanneng.core.models.desk import EntryDraft, SavedView
from sanneng.core.models.evidence import Evidence
from sanneng.core.models.imports import ImportBatch, ImportedRow
from sanneng.core.models.record import DatedRecord, Record, RecordQuerySet, dates_in_order
from sanneng.core.models.school import School

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Correction",
    "DatedRecord",
    "EntryDraft",
    "Evidence",
    "ImportBatch",
    "ImportedRow",
    "Membership",
    "Record",
    "RecordQuerySet",
    "SavedView",
    "School",
    "StandIn",
    "User",
    "dates_in_order",
]
