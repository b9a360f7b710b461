"""Telling people: in the app, and by e-mail where they want it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanneng.core.domain.audit import Event
from sanneng.core.domain.in_charge import deciders
from sanneng.core.enums import AuditAction, CorrectionState, NoticeKind
from sanneng.core.models import Correction, Notice, NoticeSetting, Record, School, User
from sanneng.core.tasks import send_mail_of

# What is worth an e-mail to somebody who has not chosen; the rest waits in the app.
MAIL_BY_DEFAULT = frozenset(
    {NoticeKind.RETURNED, NoticeKind.DEADLINE_SOON, NoticeKind.DEADLINE_OVERDUE, NoticeKind.DIGEST}
)
# The digest is an e-mail and nothing else: in the app, the list of to-dos is there all the time.
MAIL_ONLY = frozenset({NoticeKind.DIGEST})
_DECISIONS = {
    AuditAction.APPROVE: (NoticeKind.APPROVED, gettext_lazy("已通过")),
    AuditAction.RETURN: (NoticeKind.RETURNED, gettext_lazy("被退回")),
    AuditAction.VOID: (NoticeKind.VOIDED, gettext_lazy("被作废")),
}


def mail_is_on() -> bool:
    """Whether the installation sends e-mail at all."""
    return bool(settings.EMAIL_HOST)


def wishes(user: User) -> dict[NoticeKind, NoticeSetting]:
    """What ``user`` wants to be told, for every kind, as chosen or as by default."""
    chosen = {NoticeKind(one.kind): one for one in NoticeSetting.objects.filter(user=user)}
    return {kind: chosen.get(kind) or _default(user, kind) for kind in NoticeKind}


def _default(user: User, kind: NoticeKind) -> NoticeSetting:
    return NoticeSetting(
        user=user, kind=kind, in_app=kind not in MAIL_ONLY, by_mail=kind in MAIL_BY_DEFAULT
    )


@transaction.atomic
def choose_notices(*, user: User, in_app: Iterable[str], by_mail: Iterable[str]) -> None:
    """Be told of the kinds ``in_app`` in the app, of those ``by_mail`` by e-mail, of no others."""
    shown, mailed = set(in_app), set(by_mail)
    for kind in NoticeKind:
        NoticeSetting.objects.update_or_create(
            user=user,
            kind=kind,
            defaults={
                "in_app": kind in shown and kind not in MAIL_ONLY,
                "by_mail": kind in mailed,
            },
        )


@transaction.atomic
def notify(
    users: Iterable[User],
    kind: NoticeKind,
    text: str,
    *,
    school: School,
    link: str = "",
    key: str = "",
) -> list[Notice]:
    """Tell ``users``, each as they wish. With a ``key``, nobody is told the same twice.

    Returns the notices made; whoever switched a kind off altogether gets none.
    """
    people = {user.pk: user for user in users if user.is_active}
    chosen = {one.user_id: one for one in NoticeSetting.objects.filter(user__in=people, kind=kind)}
    told = set()
    if key:
        same = Notice.objects.filter(user__in=people, key=key)
        told = set(same.values_list("user_id", flat=True))
    made = []
    for pk, user in people.items():
        wish = chosen.get(pk) or _default(user, kind)
        mail = wish.by_mail and mail_is_on() and bool(user.email)
        if pk in told or not (wish.in_app or mail):
            continue
        made.append(
            Notice(
                user=user,
                school=school,
                kind=kind,
                text=text,
                link=link[:255],
                key=key,
                is_shown=wish.in_app,
                mail_due=mail,
            )
        )
    # Of two who tell the same at once, one does.
    Notice.objects.bulk_create(made, ignore_conflicts=bool(key))
    for notice in made:
        if notice.mail_due:
            send_mail_of.enqueue(notice.user_id)
    return made


def unread(user: User) -> int:
    """How many notices ``user`` has not read."""
    return Notice.objects.filter(user=user, is_shown=True, read_at__isnull=True).count()


def mark_read(*, user: User, notices: Sequence[int] | None = None) -> int:
    """Mark the notices with these primary keys as read, or all of them; only one's own."""
    own = Notice.objects.filter(user=user, read_at__isnull=True)
    if notices is not None:
        own = own.filter(pk__in=notices)
    return own.update(read_at=timezone.now())


def tell_about(events: Iterable[Event]) -> None:
    """Tell those who handed records in what became of them: one notice for what was done to
    many records at once. The reason of a return is said, for it is what there is to do."""
    groups: dict[tuple[int, AuditAction, type[Record], int], list[Event]] = defaultdict(list)
    for event in events:
        record = event.of
        if event.action not in _DECISIONS or not isinstance(record, Record):
            continue
        submitter = record.submitted_by_id
        if submitter is None or (event.by is not None and submitter == event.by.pk):
            continue
        groups[submitter, event.action, type(record), record.school_id].append(event)
    people = User.objects.in_bulk({submitter for submitter, *_rest in groups})
    for (submitter, action, model, _school), same in groups.items():
        kind, became = _DECISIONS[action]
        text, link = _told(same, model, str(became))
        school = same[0].school
        assert school is not None
        notify([people[submitter]], kind, text, school=school, link=link)


def _told(events: list[Event], model: type[Record], became: str) -> tuple[str, str]:
    """What is said of ``events`` of one kind, and where it leads."""
    code, label = model._meta.label_lower, str(model._meta.verbose_name)
    reason = str((events[0].details or {}).get("reason") or "")
    if len(events) == 1:
        record = events[0].of
        assert record is not None
        text = _("您提交的{type}“{record}”{became}").format(
            type=label, record=record, became=became
        )
        link = f"/records/{code}/{record.pk}/"
    else:
        text = _("您提交的 {number} 条{type}{became}").format(
            number=len(events), type=label, became=became
        )
        link = f"/records/{code}/"
    return (f"{text}：{reason}" if reason else f"{text}。"), link


def tell_about_correction(correction: Correction) -> None:
    """A proposal goes to those who can decide on it, a decision to whoever proposed."""
    record = correction.record
    assert record is not None
    link = f"/records/{type(record)._meta.label_lower}/{record.pk}/"
    if correction.state == CorrectionState.PENDING:
        notify(
            deciders(type(record), school=correction.school).exclude(pk=correction.proposed_by_id),
            NoticeKind.CORRECTION_PROPOSED,
            _("{who}申请更正“{record}”：{reason}").format(
                who=correction.proposed_by, record=record, reason=correction.reason
            ),
            school=correction.school,
            link=link,
        )
    elif correction.state in (CorrectionState.APPLIED, CorrectionState.REFUSED):
        text = _("您申请的“{record}”的更正：{state}").format(
            record=record, state=correction.get_state_display()
        )
        notify(
            [correction.proposed_by],
            NoticeKind.CORRECTION_DECIDED,
            f"{text}：{correction.refusal}" if correction.refusal else f"{text}。",
            school=correction.school,
            link=link,
        )
