from sanneng.core.models.account import Membership, StandIn, User
from sanneng.core.models.audit import AuditEntry, AuditHead
from sanneng.core.models.chat import ChatRobot
from sanneng.core.models.correction import Correction
from sanneng.core.models.deadline import Deadline, DeadlineExtension
from sanneng.core.models.desk import EntryDraft, SavedView
from sanneng.core.models.evidence import Evidence
from sanneng.core.models.feed import CalendarFeed
from sanneng.core.models.imports import ImportBatch, ImportedRow
from sanneng.core.models.job import Job, PeriodicRun
from sanneng.core.models.links import AccountLink, ItemLink
from sanneng.core.models.notice import Notice, NoticeSetting
from sanneng.core.models.record import DatedRecord, Record, RecordQuerySet, dates_in_order
from sanneng.core.models.school import School
from sanneng.core.models.token import ApiToken, IdempotentAnswer
from sanneng.core.models.tries import Tries

__all__ = [
    "AccountLink",
    "ApiToken",
    "AuditEntry",
    "AuditHead",
    "CalendarFeed",
    "ChatRobot",
    "Correction",
    "DatedRecord",
    "Deadline",
    "DeadlineExtension",
    "EntryDraft",
    "Evidence",
    "IdempotentAnswer",
    "ImportBatch",
    "ImportedRow",
    "ItemLink",
    "Job",
    "Membership",
    "Notice",
    "NoticeSetting",
    "PeriodicRun",
    "Record",
    "RecordQuerySet",
    "SavedView",
    "School",
    "StandIn",
    "Tries",
    "User",
    "dates_in_order",
]
