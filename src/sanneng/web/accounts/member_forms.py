"""The forms by which members are kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanneng.core.clock import today
from sanneng.core.domain.invitations import Person
from sanneng.core.enums import ItemLinkAllows, Role
from sanneng.core.models import Membership, School, User
from sanneng.people.models import Staff

_MAIL = re.compile(r"[^\s@,，;；]+@[^\s@,，;；]+")


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class SpellForm(forms.Form):
    """From a day to a day, the last one open."""

    valid_from = forms.DateField(label=_("从"), widget=DateInput, initial=today)
    valid_to = forms.DateField(label=_("到（可不填）"), widget=DateInput, required=False)


class RoleForm(SpellForm):
    role = forms.ChoiceField(label=_("角色"), choices=Role.choices)
    field_order = ("role", "valid_from", "valid_to")


class AccountForm(forms.Form):
    display_name = forms.CharField(label=_("姓名"), max_length=60)
    email = forms.EmailField(label=_("邮箱（可不填）"), required=False)


class InviteForm(SpellForm):
    """Names, one a line and an e-mail address after one if there is one, or staff by tick."""

    names = forms.CharField(
        label=_("姓名"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("一行一个人，后面可以写邮箱，如：张三 zhangsan@example.com"),
    )
    staff = forms.ModelMultipleChoiceField(
        label=_("还没有账号的教职工"),
        queryset=Staff.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    roles = forms.MultipleChoiceField(
        label=_("角色"), choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("names", "staff", "roles", "valid_from", "valid_to")

    def __init__(self, *arguments: Any, staff: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["staff"].queryset = staff  # type: ignore[attr-defined]

    def people(self) -> list[Person]:
        """Whom the form names, the ticked staff after the lines."""
        found = []
        for line in self.cleaned_data["names"].splitlines():
            mail = _MAIL.search(line)
            name = re.sub(r"[\s,，;；]+", " ", _MAIL.sub(" ", line)).strip()
            if name or mail:
                found.append(Person(name, mail.group() if mail else ""))
        return found + [Person(one.name, record=one) for one in self.cleaned_data["staff"]]


class StandInForm(forms.Form):
    """Who stands in for ``absent``, in which of ``schools``, and when."""

    school = forms.ModelChoiceField(
        label=_("学校"), queryset=School.objects.none(), empty_label=None
    )
    deputy = forms.ModelChoiceField(label=_("代办人"), queryset=User.objects.none())
    valid_from = forms.DateField(label=_("从"), widget=DateInput, initial=today)
    valid_to = forms.DateField(label=_("到"), widget=DateInput)

    def __init__(
        self, *arguments: Any, schools: Sequence[School], absent: User, **named: Any
    ) -> None:
        super().__init__(*arguments, **named)
        valid = Membership.objects.valid_on(today()).filter(school__in=schools)
        self.fields["deputy"].queryset = (  # type: ignore[attr-defined]
            User.objects.filter(memberships__in=valid, is_active=True)
            .exclude(pk=absent.pk)
            .distinct()
            .order_by("display_name", "username")
        )
        field: Any = self.fields["school"]
        field.queryset = School.objects.filter(pk__in=[school.pk for school in schools])
        field.initial = schools[0].pk if schools else None
        if len(schools) == 1:
            field.widget = forms.HiddenInput()


class ItemLinkForm(forms.Form):
    recipient = forms.CharField(label=_("给谁"), max_length=60)
    allows = forms.ChoiceField(label=_("允许"), choices=ItemLinkAllows.choices)
    days = forms.IntegerField(label=_("有效天数"), min_value=1, max_value=30, initial=14)
