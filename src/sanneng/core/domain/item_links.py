"""Links that show one record to somebody without an account, such as an outside expert."""

from __future__ import annotations

import datetime as dt
from typing import IO, Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain import throttle
from sanneng.core.domain.access import Rights, access_to
from sanneng.core.domain.audit import note
from sanneng.core.domain.evidence import attach_file
from sanneng.core.domain.tokens import digest_of, new_token
from sanneng.core.enums import AuditAction, ItemLinkAllows, RecordState
from sanneng.core.errors import NotAllowed, SannengError, WrongState
from sanneng.core.models import Evidence, ItemLink, Record, User

LONGEST = 30  # days
FILES_A_DAY = throttle.Limit("item-upload", 20, dt.timedelta(days=1))
TAKES_FILES = (RecordState.DRAFT, RecordState.RETURNED, RecordState.APPROVED)


@transaction.atomic
def make_item_link(
    *, record: Record, recipient: str, allows: str, days: int, by: User
) -> tuple[ItemLink, str]:
    """A link to ``record`` for ``days`` (1 to 30), and its secret, which is shown once.

    Raises NotAllowed for whoever does not decide on the record, or SannengError.
    """
    _check_decides(record, by)
    recipient = " ".join(recipient.split())
    if not 0 < len(recipient) <= 60:
        raise SannengError(_("请写明链接给谁用（60 字以内）。"), code="recipient")
    if not 1 <= days <= LONGEST:
        raise SannengError(_("有效期为 1 到 {days} 天。").format(days=LONGEST), code="days")
    token = new_token()
    link = ItemLink.objects.create(
        digest=token.digest,
        school=record.school,
        content_type=ContentType.objects.get_for_model(record),
        object_id=record.pk,
        recipient=recipient,
        allows=ItemLinkAllows(allows),
        expires_at=timezone.now() + dt.timedelta(days=days),
        created_by=by,
    )
    note(
        AuditAction.SHARE, school=record.school, by=by, of=record,
        what="make", link=link.pk, recipient=recipient, allows=allows, ends=link.expires_at,
    )  # fmt: skip
    return link, token.text


@transaction.atomic
def revoke_item_link(*, link: ItemLink, by: User) -> None:
    """Make a link stop working. Raises NotAllowed."""
    record: Any = link.record
    _check_decides(record, by)
    ItemLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())
    note(
        AuditAction.SHARE, school=link.school, by=by, of=record,
        what="revoke", link=link.pk, recipient=link.recipient,
    )  # fmt: skip


def links_to(record: Record) -> QuerySet[ItemLink]:
    """The links that were made to ``record``, the latest first."""
    return ItemLink.objects.filter(
        content_type=ContentType.objects.get_for_model(record), object_id=record.pk
    ).select_related("created_by")


def opened(*, token: str) -> tuple[ItemLink, Record] | None:
    """The link that ``token`` opens, and its record; None where there is nothing to see.

    A link ends with its time, when it is revoked, and when whoever made it no longer decides
    on the record: a leaver keeps no way in.
    """
    link = ItemLink.objects.filter(
        digest=digest_of(token), revoked_at=None, expires_at__gt=timezone.now()
    ).first()
    record = link.record if link else None
    if link is None or not isinstance(record, Record) or record.state == RecordState.VOIDED:
        return None
    if not Rights(link.created_by).may_decide(type(record), record.school_id):
        return None
    return link, record


def mark_used(*, link: ItemLink) -> None:
    ItemLink.objects.filter(pk=link.pk).update(last_used_at=timezone.now())


def shown_fields(record: Record) -> list[str]:
    """The record's own fields that a link shows: none that is private, nor links to accounts."""
    generic = {field.name for field in Record._meta.get_fields()}
    hidden = generic | set(access_to(type(record)).private) | {"id", "user"}
    return [f.name for f in record._meta.concrete_fields if f.name not in hidden]


def shown_evidence(record: Record) -> QuerySet[Evidence]:
    return record.evidence.filter(superseded_at=None)


def takes_files(link: ItemLink, record: Record) -> bool:
    return link.allows == ItemLinkAllows.UPLOAD and record.state in TAKES_FILES


@transaction.atomic
def hand_in_by_link(*, link: ItemLink, record: Record, source: IO[bytes], name: str) -> Evidence:
    """Attach a file that came by a link. Raises NotAllowed, WrongState or UnacceptableFile.

    A file never takes the place of another: what came from outside stands beside it.
    """
    if link.allows != ItemLinkAllows.UPLOAD:
        raise NotAllowed(_("这个链接只能查看，不能上传。"))
    if not takes_files(link, record):
        raise WrongState(_("这条记录正在审核，暂时不能上传，请稍后再试。"))
    if not throttle.take(FILES_A_DAY, str(link.pk)):
        raise SannengError(_("今天上传的文件太多，请明天再传。"), code="too_many_files")
    evidence = attach_file(record=record, source=source, name=name, by=None)
    type(record)._base_manager.filter(pk=record.pk).update(version=F("version") + 1)
    record.refresh_from_db(fields=["version"])
    note(
        AuditAction.ATTACH, school=record.school, by=None, of=record,
        title=evidence.title, digest=evidence.digest, link=link.pk, recipient=link.recipient,
        version=record.version,
    )  # fmt: skip
    return evidence


def _check_decides(record: Record, by: User) -> None:
    if not Rights(by).may_decide(type(record), record.school_id):
        raise NotAllowed(_("只有审核这类记录的人可以给外部人员开链接。"))
