"""The form of a record, made from the declaration of its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import models
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights
from sanneng.core.domain.changes import own_fields
from sanneng.core.enums import RecordState
from sanneng.core.errors import InvalidValues
from sanneng.core.models import Record, School
from sanneng.core.registry import RecordType
from sanneng.core.spelling import spelling
from sanneng.web.records import number_of

# Above this a list of choices is asked for piece by piece, as people type.
CHOICES_AT_ONCE = 200
NO_CHOICE = (RecordState.VOIDED, RecordState.RETURNED)


class RecordForm(forms.Form):
    """The fields of one record type: identity first, then the others, 编号 last.

    ``values`` are Python values by field name to start with, such as those of a record.
    """

    def __init__(
        self,
        record_type: RecordType,
        school: School,
        rights: Rights,
        *,
        values: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        hidden: set[str] | None = None,
        with_key: bool = False,
    ) -> None:
        super().__init__(data, initial=dict(values or {}), label_suffix="")
        self.type, self.school, self.rights = record_type, school, rights
        place = {name: index for index, name in enumerate(record_type.identity)}
        fields = sorted(
            own_fields(record_type.model), key=lambda field: place.get(field.name, len(place))
        )
        for field in fields:
            if field.name not in (hidden or ()):
                self.fields[field.name] = self._form_field(field)
        if with_key:
            self.fields["key"] = forms.CharField(
                label=_("编号"),
                required=False,
                max_length=64,
                help_text=_("不填由系统给出。"),
                widget=forms.TextInput(attrs={"class": "form-control"}),
            )
        for name, form_field in self.fields.items():
            form_field.widget.attrs.setdefault("id", f"id_{name}")

    def _form_field(self, field: models.Field[Any, Any]) -> forms.Field:
        if field.name.endswith("_x10"):
            return _tenths(field)
        if field.is_relation:
            return self._reference(field)
        made = field.formfield()
        assert isinstance(made, forms.Field)
        if isinstance(field, models.DateField):
            made.widget = forms.DateInput(
                attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"
            )
        elif isinstance(field, models.BooleanField):
            made.required = False
            made.widget = forms.CheckboxInput(attrs={"class": "form-check-input"})
        elif field.choices:
            made.widget.attrs["class"] = "form-select"
        elif isinstance(field, models.TextField):
            made.widget = forms.Textarea(attrs={"rows": 4, "class": "form-control"})
        else:
            made.widget.attrs["class"] = "form-control"
            if isinstance(field, models.IntegerField):
                made.widget.attrs |= {"inputmode": "numeric", "min": 0}
        return made

    def _reference(self, field: Any) -> forms.Field:
        target: type[Record] = field.related_model
        found = choices_of(target, self.school, self.rights)
        chosen = self.data.get(field.name) if self.is_bound else self.initial.get(field.name)
        pk = chosen.pk if isinstance(chosen, Record) else chosen
        if isinstance(chosen, Record):
            self.initial[field.name] = chosen.pk
        return _Reference(
            found,
            number_of(str(pk or "")),
            label=field.verbose_name,
            required=not (field.blank or field.null),
        )

    @property
    def values(self) -> dict[str, Any]:
        """What was filled in, by field name, as the record takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}

    def show(self, error: InvalidValues) -> None:
        """Put what the record cannot take beside the fields concerned."""
        for name, texts in error.faults.items():
            for text in texts:
                self.add_error(name if name in self.fields else None, text)


class _Choices(ModelChoiceIterator):
    """Every choice where they are few; else the one that is chosen, and the latest ones."""

    def __iter__(self) -> Any:
        yield ("", "")
        field: Any = self.field
        few = list(self.queryset[: CHOICES_AT_ONCE + 1])
        if len(few) > CHOICES_AT_ONCE:
            few = few[:20]
            field.widget.attrs["data-more"] = "true"
            if field.chosen and all(one.pk != int(field.chosen) for one in few):
                few = [*self.queryset.filter(pk=field.chosen), *few]
        for one in few:
            yield self.choice(one)


class _Reference(forms.ModelChoiceField):
    """A choice among the school's records, found by their words or by pinyin."""

    iterator = _Choices

    def __init__(self, queryset: Any, chosen: Any, **kwargs: Any) -> None:
        self.chosen = chosen
        target = queryset.model._meta.label_lower
        widget = _Chooser(attrs={"class": "form-select", "data-choose": target})
        super().__init__(queryset, widget=widget, **kwargs)


class _Chooser(forms.Select):
    """A select whose options carry their spelling, so that pinyin finds them in the browser."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        if option["value"]:
            option["attrs"]["data-spelling"] = spelling(str(option["label"]))
        return option


def choices_of(model: type[Record], school: School, rights: Rights) -> Any:
    """The records of ``school`` that may be referred to, the latest first, as the user may read."""
    foreign = [field.name for field in model._meta.concrete_fields if field.is_relation]
    return (
        model.objects.filter(rights.reads(model), school=school)
        .exclude(state__in=NO_CHOICE)
        .select_related(*[name for name in foreign if name != "school"])
        .order_by("-pk")
    )


def _tenths(field: models.Field[Any, Any]) -> forms.Field:
    """Hours are kept times ten as whole numbers, and typed with one decimal."""
    return _Tenths(
        label=str(field.verbose_name).removesuffix("×10"),
        required=not (field.blank or field.null or field.has_default()),
        min_value=0,
        max_value=3276,
        decimal_places=1,
        widget=forms.NumberInput(attrs={"class": "form-control", "step": "0.1", "min": 0}),
    )


class _Tenths(forms.DecimalField):
    def prepare_value(self, value: Any) -> Any:
        return f"{value / 10:g}" if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        return 0 if cleaned is None else int(cleaned * 10)


def first_values(record_type: RecordType, school: School, user: Any) -> dict[str, Any]:
    """What a new form starts with: oneself, today, and the choices made last time."""
    values: dict[str, Any] = {}
    model = record_type.model
    last = model.objects.filter(school=school, created_by=user).order_by("-pk").first()
    for field in own_fields(model):
        if last is not None and (field.choices or isinstance(field, models.BooleanField)):
            values[field.name] = getattr(last, field.name)
        elif field.has_default():
            values[field.name] = field.get_default()
    if record_type.time:
        values[record_type.time] = today()
    person = record_type.person
    if person and "__" not in person:
        target: Any = model._meta.get_field(person).related_model
        if me := target.objects.filter(school=school, user=user).first():
            values[person] = me
    return values
