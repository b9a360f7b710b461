from sanneng.core.models.account import Membership, StandIn, User
from sanneng.core.models.audit import AuditEntry, AuditHead
from sanneng.core.models.chat import ChatRobot
from sanneng.core.models.correction import Correction
from sanneng.core.models.deadline import Deadline, DeadlineExtension
from sanneng.core.models.evidence import Evidence
from sanneng.core.models.feed import CalendarFeed
from sanneng.core.models.imports import ImportBatch, ImportedRow
from sanneng.core.models.job import Job, PeriodicRun
from sanneng.core.models.notice import Notice, NoticeSetting
from sanneng.core.models.record import DatedRecord, Record, RecordQuerySet, dates_in_order
from sanneng.core.models.school import School

__all__ = [
    "AuditEntry",
    "AuditHead",
    "CalendarFeed",
    "ChatRobot",
    "Correction",
    "DatedRecord",
    "Deadline",
    "DeadlineExtension",
    "Evidence",
    "ImportBatch",
    "ImportedRow",
    "Job",
    "Membership",
    "Notice",
    "NoticeSetting",
    "PeriodicRun",
    "Record",
    "RecordQuerySet",
    "School",
    "StandIn",
    "User",
    "dates_in_order",
]
