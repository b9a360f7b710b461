from sanneng.core.models.account import Membership, User
from sanneng.core.models.evidence import Evidence
from sanneng.core.models.imports import ImportBatch, ImportedRow
from sanneng.core.models.record import DatedRecord, Record, RecordQuerySet, dates_in_order
from sanneng.core.models.school import School

__all__ = [
    "DatedRecord",
    "Evidence",
    "ImportBatch",
    "ImportedRow",
    "Membership",
    "Record",
    "RecordQuerySet",
    "School",
    "User",
    "dates_in_order",
]
