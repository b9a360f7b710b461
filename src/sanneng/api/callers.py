"""Who asks: a program with a token or a page with its session, and how far it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from sanneng.api.problems import Problem, not_found
from sanneng.core.domain.access import Rights
from sanneng.core.enums import ApiScope
from sanneng.core.models import ApiToken, Record, RecordQuerySet, School, User
from sanneng.core.permissions import Permission


@dataclass(frozen=True)
class Caller:
    """The user for whom a request acts, with the rights of today; a token may narrow them."""

    user: User
    token: ApiToken | None = None

    @cached_property
    def rights(self) -> Rights:
        return Rights(self.user)

    @property
    def owner(self) -> str:
        """Names the caller where limits and answers are kept."""
        return f"t{self.token.pk}" if self.token else f"u{self.user.pk}"

    def has_scope(self, scope: ApiScope) -> bool:
        """Whether the token, if it came with one, may be used for ``scope``."""
        return self.token is None or scope in self.token.scopes

    def schools(self, needs: Permission | None = None) -> QuerySet[School]:
        """The schools within reach, in which the user has the permission ``needs``."""
        found = self.rights.schools_for(needs) if needs else self.rights.schools()
        if self.token is not None and self.token.school_id is not None:
            found = found.filter(pk=self.token.school_id)
        return found

    def school(self, code: str | None, *, needs: Permission | None = None) -> School:
        """The school called ``code``, or the only one within reach.

        Raises Problem: 404 for one out of reach, 403 where the permission is missing there,
        422 when it is not said which of several is meant.
        """
        within = self.schools()
        if code is not None:
            chosen = within.filter(code=code).first()
            if chosen is None:
                raise not_found()
        else:
            several = list((self.schools(needs) if needs else within)[:2])
            if len(several) > 1:
                text = _("请用 school 参数写明学校代码。")
                raise Problem(422, text, code="school_missing", errors={"school": [text]})
            chosen = several[0] if several else within.first()
        if chosen is None:
            raise not_found()
        if needs is not None and not self.rights.may(needs, chosen):
            raise Problem(403, _("您在这所学校没有做这件事的权限，请联系管理员。"))
        return chosen

    def records(self, model: type[Record], school: str | None = None) -> RecordQuerySet:
        """The records of ``model`` that the caller may read, of one school where it is named."""
        schools = self.schools()
        if school is not None:
            schools = schools.filter(pk=self.school(school).pk)
        return model.objects.visible_to(self.user).filter(school__in=schools)  # type: ignore[no-any-return]


def caller_of(request: HttpRequest) -> Caller:
    """The caller that the gate of the endpoint has let in."""
    found = request.auth  # type: ignore[attr-defined]
    assert isinstance(found, Caller)
    return found
