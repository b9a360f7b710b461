"""Tags of the pages about accounts."""

from __future__ import annotations

from typing import Any

from django import forms, template

from sanneng.core.domain.access import Rights
from sanneng.core.domain.item_links import links_to
from sanneng.core.enums import RecordState
from sanneng.core.models import Record
from sanneng.web.accounts.member_forms import ItemLinkForm
from sanneng.web.accounts.second_factor import has_one, is_required

register = template.Library()


@register.inclusion_tag("web/accounts/control.html")
def control(field: forms.BoundField, label: str = "", identifier: str = "") -> dict[str, Any]:
    """A form's field with its label, help and faults."""
    widget = field.field.widget
    # The label says it; a second time in grey inside the field helps nobody.
    widget.attrs.pop("placeholder", None)
    many = isinstance(widget, forms.CheckboxSelectMultiple)
    single = isinstance(widget, forms.CheckboxInput)
    look = "form-control"
    if many or single:
        look = "form-check-input"
    elif isinstance(widget, forms.Select):
        look = "form-select"
    attributes: dict[str, str | bool] = {"class": look}
    if identifier:
        attributes["id"] = identifier
    return {
        "field": field,
        "label": label or field.label,
        "identifier": identifier or field.id_for_label,
        "attributes": attributes,
        "drawn": "" if many else field.as_widget(attrs=attributes),
        "many": many,
        "single": single,
        "hidden": field.is_hidden,
    }


@register.simple_tag(takes_context=True)
def second_factor_wanted(context: Any) -> bool:
    """Whether the user has to set up a second factor before anything else."""
    user = context["request"].user
    return is_required(Rights(user)) and not has_one(user)


@register.inclusion_tag("web/parts/item_links.html", takes_context=True)
def item_links(context: Any, record: Record) -> dict[str, Any]:
    """The links to ``record`` for people without an account, for whoever decides on it."""
    rights = Rights(context["request"].user)
    decides = rights.may_decide(type(record), record.school_id)
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "record": record,
        "code": record._meta.label_lower,
        "shown": decides and record.state != RecordState.VOIDED,
        "links": links_to(record) if decides else (),
        "form": ItemLinkForm(),
    }
