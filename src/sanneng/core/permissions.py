"""What each role may do: the written rules, declared once.

``PERMISSIONS`` says what a role may do in a school as a whole; an ``Access`` beside each record
type says what it may do with records of that type. What is not named is denied.
``core.domain.access`` asks these rules; nothing else decides who may do what.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sanneng.core.enums import Ability, Role

OFFICES = frozenset({Role.OFFICE, Role.TEACHING_OFFICE, Role.RESEARCH_OFFICE, Role.GENERAL_OFFICE})
STAFF = OFFICES | {Role.TEACHER, Role.LEADER}
OFFICE_OF = {
    Ability.TEACH: frozenset({Role.OFFICE, Role.TEACHING_OFFICE}),
    Ability.RESEARCH: frozenset({Role.OFFICE, Role.RESEARCH_OFFICE}),
    Ability.PEOPLE: frozenset({Role.OFFICE, Role.GENERAL_OFFICE}),
}


class Permission(StrEnum):
    """Something that a member may do in a school."""

    SEE_FIGURES = "see_figures"
    SEE_RECORDS = "see_records"
    ENTER = "enter"
    DECIDE = "decide"
    CHECK_DRAFT = "check_draft"
    IMPORT = "import"
    EXPORT = "export"
    MAKE_REPORT = "make_report"
    FREEZE_REPORT = "freeze_report"
    READ_AUDIT = "read_audit"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_SCHOOL = "manage_school"


PERMISSIONS: dict[Permission, frozenset[Role]] = {
    Permission.SEE_FIGURES: STAFF | {Role.SUPERVISOR},
    Permission.SEE_RECORDS: STAFF | {Role.SUPERVISOR, Role.TRAINEE},
    Permission.ENTER: STAFF,
    Permission.DECIDE: OFFICES | {Role.LEADER},
    Permission.CHECK_DRAFT: STAFF | {Role.SUPERVISOR},
    Permission.IMPORT: OFFICES | {Role.LEADER},
    Permission.EXPORT: STAFF | {Role.SUPERVISOR},
    Permission.MAKE_REPORT: OFFICES | {Role.LEADER},
    Permission.FREEZE_REPORT: OFFICES | {Role.LEADER},
    Permission.READ_AUDIT: frozenset({Role.AUDITOR}),
    Permission.MANAGE_MEMBERS: frozenset({Role.SECURITY}),
    Permission.MANAGE_SCHOOL: frozenset({Role.ADMINISTRATOR}),
}


@dataclass(frozen=True)
class Access:
    """What roles may do with the records of one type.

    ``read`` sees every record of the school; ``own`` only those about the reader, or entered
    by the reader; ``enter`` makes and edits drafts; ``decide`` approves, returns, voids and
    corrects. ``private`` are fields that only ``decide`` and the person concerned see.
    """

    read: frozenset[Role]
    own: frozenset[Role]
    enter: frozenset[Role]
    decide: frozenset[Role]
    private: tuple[str, ...] = ()


def work(ability: Ability, *, private: tuple[str, ...] = ()) -> Access:
    """Records of work: all staff see them and enter their own; the ability's office decides."""
    return Access(
        read=STAFF | {Role.SUPERVISOR},
        own=frozenset(),
        enter=STAFF,
        decide=OFFICE_OF[ability] | {Role.LEADER},
        private=private,
    )


def personnel(*, private: tuple[str, ...] = ()) -> Access:
    """Facts about a person: the general office and the leaders see them all, others their own."""
    office = OFFICE_OF[Ability.PEOPLE] | {Role.LEADER}
    return Access(
        read=office,
        own=STAFF - office,
        enter=office | {Role.TEACHER},
        decide=office,
        private=private,
    )


def directory(
    ability: Ability, *, private: tuple[str, ...] = (), own: frozenset[Role] = frozenset()
) -> Access:
    """Lists of people and things that other records refer to: all staff see them, the office
    keeps them."""
    office = OFFICE_OF[ability] | {Role.LEADER}
    return Access(
        read=STAFF | {Role.SUPERVISOR},
        own=own,
        enter=office,
        decide=office,
        private=private,
    )
