"""Record types: each is declared once, and lists, forms, spreadsheets and checks read it here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise

from sanneng.core.enums import Ability, Mechanism
from sanneng.core.models import Record, School
from sanneng.core.permissions import Access, work

_ICONS = {
    Mechanism.THEORIST: "book",
    Mechanism.DOER: "walk",
    Mechanism.SPEAKER: "microphone",
    Mechanism.ALL_STAFF: "flask",
    Mechanism.CHALLENGE: "trophy",
    Mechanism.COLLABORATION: "writing",
    Mechanism.INCENTIVE: "award",
    Mechanism.ENTRY: "door-enter",
    Mechanism.ROTATION: "rotate",
    Mechanism.GRASSROOTS: "plant-2",
    Mechanism.STRUCTURE: "users",
}


@dataclass(frozen=True)
class RecordType:
    """How one kind of record is shown, found and exchanged.

    ``identity`` names the fields whose values tell two records apart when a spreadsheet row
    brings no 编号; ``list_fields``, ``filters`` and ``search`` are Django field paths;
    ``time`` is the date by which the list is sorted and a year is filtered; ``person`` is
    the path to the staff member whom the record is about, if it is about one (empty where the
    record is that person). ``rights`` says who may do what; without it the type is a record of
    work of its ability.
    """

    model: type[Record]
    mechanism: Mechanism
    ability: Ability
    identity: tuple[str, ...]
    list_fields: tuple[str, ...]
    filters: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    time: str | None = None
    person: str | None = None
    help_text: str | Promise = ""
    rights: Access | None = None

    @property
    def access(self) -> Access:
        return self.rights or work(self.ability)

    @property
    def account(self) -> str | None:
        """The path to the account of the person whom the record is about."""
        if self.person is None:
            return None
        return f"{self.person}__user" if self.person else "user"

    @property
    def code(self) -> str:
        """The type's name in addresses and in the catalogue, such as ``research.project``."""
        return self.model._meta.label_lower

    @property
    def icon(self) -> str:
        """The picture beside the type's name, by its mechanism."""
        return _ICONS[self.mechanism]

    @property
    def label(self) -> str:
        return str(self.model._meta.verbose_name)


_types: dict[type[Record], RecordType] = {}


def register(*record_types: RecordType) -> None:
    """Make ``record_types`` known to every generic part of the product."""
    for record_type in record_types:
        _types[record_type.model] = record_type


def all_types() -> Iterator[RecordType]:
    """Every record type, parents before the records that refer to them."""
    placed: dict[type[Record], RecordType] = {}

    def place(record_type: RecordType) -> None:
        if record_type.model in placed:
            return
        for field in record_type.model._meta.concrete_fields:
            target = _types.get(field.related_model) if field.is_relation else None  # type: ignore[arg-type]
            if target is not None and target is not record_type:
                place(target)
        placed[record_type.model] = record_type

    for record_type in _types.values():
        place(record_type)
    yield from placed.values()


def type_of(model: type[Record]) -> RecordType:
    """The declaration of ``model``; KeyError for a model that is not a record type."""
    return _types[model]


def known_type(model: type) -> RecordType | None:
    """The declaration of ``model``, or None, as for the models of an old migration."""
    return _types.get(model)


def types_of(school: School) -> list[RecordType]:
    """The record types that ``school`` uses: those of parts not switched off."""
    return [one for one in all_types() if one.mechanism not in school.switched_off]


def type_by_code(code: str) -> RecordType:
    """The record type called ``code``; KeyError when there is none."""
    return {record_type.code: record_type for record_type in _types.values()}[code]
