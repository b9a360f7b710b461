"""Days of research that concern a person: plans of projects, and topics open to claims."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanneng.core.agenda import AgendaProvider, Entry, entry_of, register_agenda
from sanneng.core.domain.access import Rights
from sanneng.core.enums import RecordState
from sanneng.core.models import School, User
from sanneng.research.models import ChallengeTopic, Project


def _project_plans(
    user: User, rights: Rights, school: School, first: dt.date, last: dt.date
) -> list[Entry]:
    """When projects in which the user is a member are to be completed, until they are."""
    gone = (RecordState.VOIDED, RecordState.RETURNED)
    projects = Project.objects.visible_to(user).filter(
        Q(members__staff__user=user) & ~Q(members__state__in=gone),
        school=school,
        concluded_on__isnull=True,
        due_on__range=(first, last),
    )
    return [
        entry_of(
            one,
            title=_("课题应完成：{title}").format(title=one.title),
            start=one.due_on,
            what="due",
        )
        for one in projects.exclude(state__in=gone).distinct()
        if one.due_on is not None
    ]


def _topics_closing(
    user: User, rights: Rights, school: School, first: dt.date, last: dt.date
) -> list[Entry]:
    """The last day of claims on topics that the user mentors, or whose class it is in."""
    topics = ChallengeTopic.objects.visible_to(user).filter(
        Q(mentor__user=user) | Q(training_class__trainees__user=user),
        school=school,
        state=RecordState.APPROVED,
        closes_on__range=(first, last),
    )
    return [
        entry_of(one, title=_("揭榜截止：{title}").format(title=one.title),
                 start=one.closes_on, what="closes")
        for one in topics.distinct()
    ]  # fmt: skip


register_agenda(
    AgendaProvider("projects", gettext_lazy("课题计划"), _project_plans),
    AgendaProvider("topics", gettext_lazy("揭榜截止"), _topics_closing),
)
