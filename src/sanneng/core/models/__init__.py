from sanneng.core.models.account import Membership, StandIn, User
from sanneng.core.models.audit import AuditEntry, AuditHead
from sanneng.core.models.correction import Correction
from sanneng.core.models.evidence import Evidence
from sanneng.core.models.imports import ImportBatch, ImportedRow
from sanneng.core.models.record import DatedRecord, Record, RecordQuerySet, dates_in_order
from sanneng.core.models.school import School
from sanneng.core.models.token import ApiToken, IdempotentAnswer

__all__ = [
    "ApiToken",
    "AuditEntry",
    "AuditHead",
    "Correction",
    "DatedRecord",
    "Evidence",
    "IdempotentAnswer",
    "ImportBatch",
    "ImportedRow",
    "Membership",
    "Record",
    "RecordQuerySet",
    "School",
    "StandIn",
    "User",
    "dates_in_order",
]
