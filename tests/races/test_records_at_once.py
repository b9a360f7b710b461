"""One record, many hands: one of them wins, and the others are told in words."""

import datetime as dt
import functools
import io
import random

import pytest

from sanneng.core.domain import audit
from sanneng.core.domain.bulk import take_steps
from sanneng.core.domain.changes import save_changes
from sanneng.core.domain.corrections import apply_correction, propose_correction, refuse_correction
from sanneng.core.domain.editing import create_record, delete_draft, edit_record
from sanneng.core.domain.evidence import hand_in_file
from sanneng.core.domain.records import APPROVE, approve_record, return_record, submit_record
from sanneng.core.enums import AuditAction
from sanneng.core.errors import InvalidValues
from sanneng.core.models import AuditEntry, Correction, Evidence
from sanneng.people.models import Staff
from sanneng.research.models import (
    ChallengeClaim,
    ChallengeTopic,
    Project,
    Publication,
    PublicationAuthor,
)
from sanneng.teaching.models import TrainingClass
from tests.races.conftest import DAY, PEOPLE, at_once, told

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32
call = functools.partial


@pytest.fixture
def project(school):
    return Project.objects.create(
        school=school, key="K1", title="题", level="city", approved_on=DAY
    )


def copies(record, state):
    """The record as each of the many has it on the screen."""
    type(record).objects.filter(pk=record.pk).update(state=state)
    return [type(record).objects.get(pk=record.pk) for _person in range(PEOPLE)]


def entries(record, action):
    return audit.history(record).filter(action=action).count()


def test_one_of_many_approves(project, office):
    outcomes = at_once(
        [
            call(approve_record, record=copy, by=person)
            for copy, person in zip(copies(project, "submitted"), office, strict=True)
        ]
    )
    assert told(outcomes) == {"done": 1, "WrongState": PEOPLE - 1}
    project.refresh_from_db()
    assert (project.state, project.version) == ("approved", 2)
    assert entries(project, AuditAction.APPROVE) == 1


def test_one_of_many_hands_in(project, office):
    outcomes = at_once(
        [
            call(submit_record, record=copy, by=person)
            for copy, person in zip(copies(project, "draft"), office, strict=True)
        ]
    )
    assert told(outcomes) == {"done": 1, "WrongState": PEOPLE - 1}
    assert entries(project, AuditAction.SUBMIT) == 1


def test_approval_or_return(project, office):
    steps = [approve_record, call(return_record, reason="材料不全")]
    outcomes = at_once(
        [
            call(steps[number % 2], record=copy, by=office[number])
            for number, copy in enumerate(copies(project, "submitted"))
        ]
    )
    assert told(outcomes) == {"done": 1, "WrongState": PEOPLE - 1}
    project.refresh_from_db()
    winner = "approved" if outcomes.index(None) % 2 == 0 else "returned"
    assert project.state == winner
    both = entries(project, AuditAction.APPROVE) + entries(project, AuditAction.RETURN)
    assert both == 1


def test_one_of_many_edits_of_the_same_version(project, office):
    outcomes = at_once(
        [
            call(edit_record, record=copy, values={"title": f"题{n}"}, by=office[n], version=1)
            for n, copy in enumerate(copies(project, "draft"))
        ]
    )
    assert told(outcomes) == {"done": 1, "Outdated": PEOPLE - 1}
    winner = next(n for n, outcome in enumerate(outcomes) if isinstance(outcome, dict))
    project.refresh_from_db()
    assert (project.title, project.version) == (f"题{winner}", 2)


def test_handed_in_or_deleted(project, office):
    steps = [submit_record, delete_draft]
    outcomes = at_once(
        [
            call(steps[number % 2], record=copy, by=office[number])
            for number, copy in enumerate(copies(project, "draft"))
        ]
    )
    assert told(outcomes)["done"] == 1
    assert Project.objects.filter(pk=project.pk).exists() == (outcomes.index(None) % 2 == 0)


def test_one_correction_waits(project, office):
    outcomes = at_once(
        [
            call(
                propose_correction, record=copy, values={"title": f"题{n}"}, by=office[n],
                version=copy.version, reason="误",
            )
            for n, copy in enumerate(copies(project, "approved"))
        ]
    )  # fmt: skip
    assert told(outcomes) == {"done": 1, "SannengError": PEOPLE - 1}
    waiting = Correction.objects.get(school=project.school)
    assert waiting.state == "pending"
    _decide_at_once(waiting, office)


def _decide_at_once(correction, office):
    others = [person for person in office if person.pk != correction.proposed_by_id]
    steps = [apply_correction, call(refuse_correction, reason="不实")]
    outcomes = at_once(
        [
            call(steps[n % 2], correction=Correction.objects.get(pk=correction.pk), by=person)
            for n, person in enumerate(others)
        ]
    )
    assert told(outcomes) == {"done": 1, "WrongState": len(others) - 1}
    correction.refresh_from_db()
    assert correction.state == ("applied" if outcomes.index(None) % 2 == 0 else "refused")


def test_the_same_thing_entered_by_many_is_one_record(school, office):
    values = {"title": "同一课题", "level": "city", "approved_on": DAY}
    outcomes = at_once(
        [call(create_record, Project, school=school, values=values, by=one) for one in office]
    )
    assert told(outcomes) == {"done": 1, "InvalidValues": PEOPLE - 1}
    assert Project.objects.filter(school=school).count() == 1


@pytest.fixture
def topic(school, staff):
    training = TrainingClass.objects.create(
        school=school, key="C1", name="一班", kind="main", start_on=DAY
    )
    return ChallengeTopic.objects.create(
        school=school, key="T1", title="题", training_class=training, mentor=staff,
        posted_on=DAY, closes_on=DAY, state="approved",
    )  # fmt: skip


def test_a_topic_that_many_groups_claim_is_awarded_once(school, topic, office):
    outcomes = at_once(
        [
            call(
                create_record, ChallengeClaim, school=school, by=person,
                values={
                    "topic": topic, "group_name": f"{n}组", "claimed_on": DAY, "is_awarded": True,
                },
            )
            for n, person in enumerate(office)
        ]
    )  # fmt: skip
    assert told(outcomes) == {"done": 1, "InvalidValues": PEOPLE - 1}
    assert ChallengeClaim.objects.filter(topic=topic).count() == 1


def test_of_many_claims_one_is_awarded(school, topic, office):
    claims = [
        ChallengeClaim.objects.create(
            school=school, key=f"{n}", topic=topic, group_name=f"{n}组", claimed_on=DAY
        )
        for n in range(PEOPLE)
    ]
    outcomes = at_once(
        [
            call(edit_record, record=claim, values={"is_awarded": True}, by=person, version=1)
            for claim, person in zip(claims, office, strict=True)
        ]
    )
    assert told(outcomes) == {"done": 1, "InvalidValues": PEOPLE - 1}
    assert ChallengeClaim.objects.filter(topic=topic, is_awarded=True).count() == 1


def test_a_claim_or_another_window(school, topic, office):
    """Whichever is first, no claim in force lies outside the window of its topic."""
    later = DAY + dt.timedelta(days=30)

    def move():
        window = {"posted_on": later, "closes_on": later}
        try:
            return save_changes(topic, window, state="approved")
        except InvalidValues:
            return False

    claims = [
        call(
            create_record, ChallengeClaim, school=school, by=person,
            values={"topic": topic, "group_name": f"{n}组", "claimed_on": DAY},
        )
        for n, person in enumerate(office[:20])
    ]  # fmt: skip
    *made, moved = at_once([*claims, move])
    assert told(made) == ({"InvalidValues": 20} if moved else {"done": 20})
    assert ChallengeClaim.objects.filter(topic=topic).count() == (0 if moved else 20)


def test_shares_of_an_article_stay_within_the_whole(school, staff, office):
    article = Publication.objects.create(
        school=school, key="A1", title="题", outlet="刊", outlet_kind="proceedings",
        published_on=DAY,
    )  # fmt: skip
    people = Staff.objects.bulk_create(
        Staff(school=school, key=f"Q{n}", name="甲", birth_date=DAY) for n in range(PEOPLE)
    )
    outcomes = at_once(
        [
            call(
                create_record, PublicationAuthor, school=school, by=office[n],
                values={"publication": article, "staff": author, "order": n, "share_percent": 30},
            )
            for n, author in enumerate(people)
        ]
    )  # fmt: skip
    assert told(outcomes) == {"done": 3, "InvalidValues": PEOPLE - 3}
    assert PublicationAuthor.objects.filter(publication=article).count() == 3


def test_the_same_file_from_many_is_one_piece_of_evidence(project, office):
    outcomes = at_once(
        [
            call(hand_in_file, record=copy, source=io.BytesIO(PNG), name="图.png", by=person)
            for copy, person in zip(copies(project, "draft"), office, strict=True)
        ]
    )
    assert told(outcomes) == {"done": PEOPLE}
    assert Evidence.objects.filter(school=project.school).count() == 1


def test_overlapping_bulk_approvals_do_not_wait_in_a_circle(school, office):
    records = Project.objects.bulk_create(
        Project(
            school=school, key=f"{n}", title=f"题{n}", level="city", approved_on=DAY,
            state="submitted",
        )
        for n in range(60)
    )  # fmt: skip
    chance = random.Random(3)
    outcomes = at_once(
        [
            call(take_steps, APPROVE, records=chance.sample(records, 15), by=person)
            for person in office[:20]
        ]
    )
    done = sum(outcome for outcome in outcomes if isinstance(outcome, int))
    assert done >= 15
    assert set(told(outcomes)) <= {"done", "WrongState"}
    assert {outcome.code for outcome in outcomes if not isinstance(outcome, int)} <= {"wrong_state"}
    approved = set(Project.objects.filter(school=school, state="approved").values_list("pk"))
    noted = AuditEntry.objects.filter(school=school, action=AuditAction.APPROVE)
    assert len(approved) == noted.count() == done
    assert set(noted.values_list("object_id")) == approved


def test_the_first_entries_of_a_chain_are_numbered_one_by_one(school, office):
    outcomes = at_once(
        [call(audit.note, AuditAction.EDIT, school=school, by=person) for person in office]
    )
    numbers = sorted(entry.number for entry in outcomes)
    assert numbers == list(range(1, PEOPLE + 1))
