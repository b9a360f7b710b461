"""Entering records: choose what, fill in one form, done."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sanneng.core.domain import corrections, editing
from sanneng.core.domain.bulk import take_steps
from sanneng.core.domain.changes import from_kept
from sanneng.core.domain.evidence import hand_in_file
from sanneng.core.domain.records import SUBMIT
from sanneng.core.enums import Ability, AuditAction, RecordState
from sanneng.core.errors import InvalidValues, Outdated, SannengError
from sanneng.core.listing import holding
from sanneng.core.models import AuditEntry, EntryDraft, Record
from sanneng.core.permissions import Permission
from sanneng.core.registry import RecordType, types_of
from sanneng.web.forms import RecordForm, choices_of, first_values
from sanneng.web.names import read_names
from sanneng.web.posts import posted
from sanneng.web.records import enterable_types, number_of, record_or_404, type_or_404
from sanneng.web.scope import Scope, scope_at, scope_of, user_of

OFTEN = 6
FOUND = 20


def choose_type(request: HttpRequest) -> HttpResponse:
    """What to enter: first what this person enters most, then everything by ability."""
    scope = scope_of(request, Permission.ENTER)
    open_types = enterable_types(scope)
    groups = [
        {"label": ability.label, "types": [t for t in open_types if t.ability == ability]}
        for ability in Ability
    ]
    context = {
        "scope": scope,
        "often": often_entered(scope, request.user),
        "groups": [group for group in groups if group["types"]],
        "drafts": _drafts(scope, request.user),
    }
    return render(request, "web/entry/choose.html", context)


def often_entered(scope: Scope, user: Any) -> list[RecordType]:
    """The types that the person enters most; the declared order where there is no habit yet."""
    open_types = enterable_types(scope)
    codes = (
        AuditEntry.objects.filter(actor=user, school=scope.school, action=AuditAction.CREATE)
        .order_by("-id")
        .values_list("object_type", flat=True)[:200]
    )
    counted = Counter(codes)
    habit = [t for t in open_types if counted[t.code]]
    habit.sort(key=lambda t: -counted[t.code])
    # Work that happens week by week; facts about people are entered once in years.
    usual = [t for t in open_types if t.time and t.person and t.ability != Ability.PEOPLE]
    rest = [t for t in open_types if t not in usual]
    return [*habit, *(t for t in (*usual, *rest) if t not in habit)][:OFTEN]


def _drafts(scope: Scope, user: Any) -> list[dict[str, Any]]:
    """What the person has begun and not saved."""
    by_code = {t.code: t for t in types_of(scope.school)}
    found = EntryDraft.objects.filter(user=user, school=scope.school, object_id=0)
    return [
        {"type": by_code[one.type_code], "at": one.saved_at}
        for one in found.order_by("-saved_at")
        if one.type_code in by_code
    ]


def new(request: HttpRequest, code: str) -> HttpResponse:
    """A new record, or several that differ only in the person."""
    record_type, scope = type_or_404(code), scope_of(request, Permission.ENTER)
    if not scope.rights.may_enter(record_type.model, scope.school):
        raise Http404
    page = _Page(request, record_type, scope)
    source = number_of(request.GET.get("copy"))
    if request.method != "POST":
        if source is not None:
            page.start(_copied(request, record_type, scope, source))
        else:
            asked = _typed(record_type, request.GET.dict())
            page.start(first_values(record_type, scope.school, request.user) | asked)
        return page.answer()
    return page.create()


def _copied(request: HttpRequest, record_type: RecordType, scope: Scope, pk: int) -> dict[str, Any]:
    """What a copy of a record of the same school starts with, as far as the user sees it."""
    original = record_or_404(request, record_type, pk)
    if original.school_id != scope.school.pk:
        raise Http404
    hidden = scope.rights.hidden_fields(record_type.model, scope.school, original)
    values = editing.copied_values(original)
    return {name: value for name, value in values.items() if name not in hidden}


def edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A draft or returned record is changed; an approved one is asked to be corrected."""
    record_type = type_or_404(code)
    record = record_or_404(request, record_type, pk)
    scope = scope_at(request, record.school)
    if not scope.rights.may_edit(record):
        raise Http404
    page = _Page(request, record_type, scope, record)
    if record.state not in (*editing.EDITABLE, RecordState.APPROVED):
        messages.warning(request, _("待审核的记录先撤回，才能修改。"))
        return redirect("record", code=code, pk=pk)
    if request.method != "POST":
        page.start(editing.copied_values(record))
        return page.answer()
    return page.change()


class _Page:
    """The form of one record, whatever it is for, and what becomes of it."""

    def __init__(
        self,
        request: HttpRequest,
        record_type: RecordType,
        scope: Scope,
        record: Record | None = None,
    ) -> None:
        self.request, self.type, self.scope, self.record = request, record_type, scope, record
        self.hidden = (
            scope.rights.hidden_fields(record_type.model, scope.school, record)
            if record is not None
            else set()
        )
        self.is_correction = record is not None and record.state == RecordState.APPROVED
        self.restored = False
        # The version that the form was filled in for, which may be older than the record's.
        self.version = record.version if record is not None else 0

    @property
    def several_by(self) -> str | None:
        """The field that names the person, where many can be entered at once."""
        person = self.type.person
        return person if self.record is None and person and "__" not in person else None

    def start(self, values: dict[str, Any]) -> None:
        """Show the form with ``values``, or with what was typed and never saved."""
        draft = self._draft().first()
        if draft is not None:
            self.form = self._form(values=values | _typed(self.type, draft.values))
            self.names = draft.values.get("names", "")
            self.restored = True
            self.version = number_of(draft.values.get("version")) or self.version
            if self.record is not None and self.version != self.record.version:
                messages.warning(self.request, editing.outdated_text(self.record))
        else:
            self.form, self.names = self._form(values=values), ""

    def _form(self, **kwargs: Any) -> RecordForm:
        return RecordForm(
            self.type,
            self.scope.school,
            self.scope.rights,
            hidden=self.hidden,
            with_key=self.record is None,
            **kwargs,
        )

    def _bind(self) -> bool:
        self.form = self._form(data=self.request.POST)
        self.names = self.request.POST.get("names", "")
        if self.names.strip() and self.several_by:
            self.form.fields[self.several_by].required = False
        return self.form.is_valid()

    def create(self) -> HttpResponse:
        if not self._bind():
            return self.answer(status=422)
        try:
            with transaction.atomic():
                records = [self._make(values) for values in self._all_values()]
        except InvalidValues as error:
            self.form.show(error)
            return self.answer(status=422)
        except SannengError as error:
            self.form.add_error(None, str(error))
            return self.answer(status=422)
        return self._done(records)

    def _all_values(self) -> list[dict[str, Any]]:
        """The values of each record to be made: one, or one for each person named."""
        values = self.form.values
        if not (self.several_by and self.names.strip()):
            return [values]
        target: Any = self.type.model._meta.get_field(self.several_by).related_model
        people = read_names(self.names, choices_of(target, self.scope.school, self.scope.rights))
        if values.get(self.several_by) is not None:
            people = list(dict.fromkeys([values[self.several_by], *people]))
        return [values | {self.several_by: person} for person in people]

    def _make(self, values: dict[str, Any]) -> Record:
        key = self.form.cleaned_data.get("key", "")
        return editing.create_record(
            self.type.model,
            school=self.scope.school,
            values=values | ({"key": key} if key else {}),
            by=user_of(self.request),
        )

    def change(self) -> HttpResponse:
        assert self.record is not None
        if not self._bind():
            return self.answer(status=422)
        try:
            if self.is_correction:
                return self._propose(self.record)
            editing.edit_record(
                record=self.record,
                values=self.form.values,
                by=user_of(self.request),
                version=number_of(self.request.POST.get("version"), 9) or 0,
            )
        except InvalidValues as error:
            self.form.show(error)
            return self.answer(status=422)
        except Outdated as error:
            # What is on screen now has been seen next to what the other one wrote.
            self.record.refresh_from_db()
            self.version = self.record.version
            self.form.add_error(None, str(error))
            return self.answer(status=409)
        except SannengError as error:
            self.form.add_error(None, str(error))
            return self.answer(status=422)
        return self._done([self.record])

    def _propose(self, record: Record) -> HttpResponse:
        corrections.propose_correction(
            record=record,
            values=self.form.values,
            by=user_of(self.request),
            reason=self.request.POST.get("correction_reason", ""),
            version=number_of(self.request.POST.get("version"), 9) or 0,
        )
        self._draft().delete()
        messages.success(self.request, _("更正已提交，等待审核。审核以前，记录和数字都不变。"))
        return redirect(self._address(record))

    def _done(self, records: list[Record]) -> HttpResponse:
        """Attach the files, hand in if asked, and show what was saved."""
        self._draft().delete()
        for record in records:
            self._attach(record)
        if self.request.POST.get("then") == "submit":
            self._submit(records)
        elif len(records) == 1:
            messages.success(self.request, _("已保存为草稿。提交审核以后才会计入数字。"))
        if len(records) == 1:
            return redirect(self._address(records[0]))
        messages.success(
            self.request,
            ngettext("已登记 {number} 条。", "已登记 {number} 条。", len(records)).format(
                number=len(records)
            ),
        )
        return redirect(f"{reverse('records', args=(self.type.code,))}?{self.scope.query}")

    def _attach(self, record: Record) -> None:
        """A file that cannot be taken says so; the record is saved all the same."""
        for upload in self.request.FILES.getlist("evidence"):
            try:
                hand_in_file(
                    record=record,
                    source=upload,  # type: ignore[arg-type]
                    name=upload.name or "",
                    by=user_of(self.request),
                )
            except SannengError as error:
                messages.error(
                    self.request, _("记录已保存，但文件没有收下：{error}").format(error=error)
                )

    def _submit(self, records: list[Record]) -> None:
        try:
            for record in records:
                record.refresh_from_db()
            take_steps(SUBMIT, records=records, by=user_of(self.request))
            messages.success(self.request, _("已提交，等待审核。"))
        except SannengError as error:
            messages.error(self.request, _("已保存，但没有提交：{error}").format(error=error))

    def _address(self, record: Record) -> str:
        return f"{reverse('record', args=(self.type.code, record.pk))}?{self.scope.query}"

    def _draft(self) -> Any:
        return EntryDraft.objects.filter(
            user=user_of(self.request),
            school=self.scope.school,
            type_code=self.type.code,
            object_id=self.record.pk if self.record else 0,
        )

    def answer(self, status: int = 200) -> HttpResponse:
        context = {
            "scope": self.scope,
            "type": self.type,
            "record": self.record,
            "form": self.form,
            "names": self.names,
            "several_by": self.several_by,
            "is_correction": self.is_correction,
            "restored": self.restored,
            "version": self.version,
            "reason": self.request.POST.get("correction_reason", ""),
        }
        return render(self.request, "web/entry/form.html", context, status=status)


def _typed(record_type: RecordType, data: dict[str, Any]) -> dict[str, Any]:
    """What was typed, as far as it can be shown again."""
    known = {field.name: field for field in record_type.model._meta.concrete_fields}
    shown = {}
    for name, value in data.items():
        field = known.get(name)
        if field is None or name in ("id", "school"):
            continue
        if field.is_relation:
            try:
                shown[name] = from_kept(record_type.model, {name: value or None})[name]
            except (ValueError, ObjectDoesNotExist):
                continue
        else:
            shown[name] = value
    return shown


@posted(lambda code: reverse("entry", args=(code,)))
def keep_draft(request: HttpRequest, code: str) -> HttpResponse:
    """Keep what is being typed; called by the page itself now and then."""
    record_type, scope = type_or_404(code), scope_of(request, Permission.ENTER)
    pk = number_of(request.POST.get("record")) or 0
    skipped = ("csrfmiddlewaretoken", "school", "as_of", "record", "then")
    values = {
        name: str(value)[:5000]
        for name, value in request.POST.items()
        if name not in skipped and value
    }
    if pk:
        record_or_404(request, record_type, pk)
    elif not scope.rights.may_enter(record_type.model, scope.school):
        raise Http404
    EntryDraft.objects.update_or_create(
        user=user_of(request),
        school=scope.school,
        type_code=record_type.code,
        object_id=pk,
        defaults={"values": values},
    )
    return HttpResponse(_("已自动保存"))


@posted(lambda code: reverse("entry", args=(code,)))
def drop_draft(request: HttpRequest, code: str) -> HttpResponse:
    """Start the form anew, without what was typed before."""
    record_type, scope = type_or_404(code), scope_of(request, Permission.ENTER)
    pk = number_of(request.POST.get("record")) or 0
    EntryDraft.objects.filter(
        user=user_of(request),
        school=scope.school,
        type_code=record_type.code,
        object_id=pk,
    ).delete()
    if pk:
        return redirect("record-edit", code=code, pk=pk)
    return redirect(f"{reverse('entry', args=(code,))}?{scope.query}")


def choices(request: HttpRequest, code: str) -> JsonResponse:
    """Records that a form may refer to, by their words or by pinyin."""
    record_type, scope = type_or_404(code), scope_of(request, Permission.ENTER)
    found = choices_of(record_type.model, scope.school, scope.rights)
    for word in request.GET.get("q", "").strip()[:60].split():
        found = holding(found, record_type, word, hidden=scope.hidden(record_type.model))
    rows = [{"value": str(one.pk), "text": str(one)} for one in found[:FOUND]]
    return JsonResponse({"choices": rows})
