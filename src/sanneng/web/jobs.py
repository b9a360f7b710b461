"""Record lists given out as files in the background, as their page shows them."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanneng.core.domain.access import Rights
from sanneng.core.domain.jobs import Work, start_job
from sanneng.core.errors import SannengError
from sanneng.core.jobs import JobKind, register_kind
from sanneng.core.models import Job, School, User
from sanneng.core.permissions import Permission
from sanneng.core.registry import RecordType, type_by_code

KIND = "export"
register_kind(JobKind(KIND, gettext_lazy("导出"), "sanneng.web.jobs.run_export", Permission.EXPORT))


def start_export(*, code: str, query: str, form: str, school: School, by: User) -> Job:
    """Have the records of type ``code`` that the list address ``query`` asks for written as
    ``xlsx`` or ``csv``. Raises NotAllowed, or SannengError for what cannot be exported."""
    record_type = _type(code)
    if form not in ("xlsx", "csv"):
        raise SannengError(_("只能导出 Excel 或 CSV。"), code="unknown_form")
    return start_job(
        kind=KIND,
        school=school,
        by=by,
        arguments={"code": code, "query": query[:2000], "form": form},
        title=_("导出{type}（{form}）").format(type=record_type.label, form=form.upper()),
    )


def run_export(work: Work, *, code: str, query: str, form: str) -> dict[str, Any]:
    """The result: ``number`` of records, under the rights at the time of the work."""
    # The spreadsheet libraries are for the worker only; declaring the kind loads none.
    from sanneng.web.exports import TYPES, spreadsheet
    from sanneng.web.filters import Filters

    assert work.user is not None
    assert work.school is not None
    record_type, rights = _type(code), Rights(work.user)
    visible = record_type.model.objects.filter(rights.reads(record_type.model), school=work.school)
    hidden = rights.hidden_fields(record_type.model, work.school)
    filters = Filters(record_type, QueryDict(query), visible, hidden)
    found = filters.apply()
    number = found.count()
    work.progress(_("写文件"), 0, number)
    response = spreadsheet(
        [found],
        name=record_type.label,
        form=form,
        rights=rights,
        school=work.school,
        columns=filters.columns,
        asked=query,
    )
    path = work.new_file(f"{record_type.label}.{form}", TYPES[form])
    path.write_bytes(response.content)
    work.progress(_("写文件"), number, number)
    return {"number": number}


def _type(code: str) -> RecordType:
    try:
        return type_by_code(code)
    except KeyError:
        raise SannengError(_("没有这种记录。"), code="unknown_type") from None
