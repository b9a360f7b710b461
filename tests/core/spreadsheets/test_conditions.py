"""The evaluator must say what the database would say."""

import datetime as dt

import pytest
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from sanneng.core.spreadsheets.columns import sheets
from sanneng.core.spreadsheets.conditions import _compile, _Unknown, checks_of
from sanneng.research.models import ChallengeClaim, Project

EARLY, LATE = dt.date(2022, 1, 1), dt.date(2022, 2, 1)


def refused_by(model, **values):
    defaults = {"state": "draft", "reason": "", "grade": "", "is_awarded": False}
    fields = {field.name: None for field in model._meta.concrete_fields}
    return {
        check.constraint.name
        for check in checks_of(model)
        if check.refuses({**fields, **defaults, **values})
    }


@pytest.mark.parametrize("sheet", sheets(), ids=lambda sheet: sheet.title)
def test_every_check_constraint_of_every_type_is_understood(sheet):
    declared = [c for c in sheet.model._meta.constraints if isinstance(c, models.CheckConstraint)]
    assert len(checks_of(sheet.model)) == len(declared)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "returned", "voided", "nonsense"])
@pytest.mark.parametrize("reason", ["", "材料不全"])
@pytest.mark.parametrize("grade", ["", "good"])
@pytest.mark.parametrize("concluded_on", [None, EARLY, LATE])
@pytest.mark.parametrize("approved_on", [EARLY, LATE])
def test_it_agrees_with_the_database(state, reason, grade, concluded_on, approved_on):
    project = Project(
        state=state,
        reason=reason,
        grade=grade,
        concluded_on=concluded_on,
        approved_on=approved_on,
    )
    values = {
        field.name: getattr(project, field.attname) for field in Project._meta.concrete_fields
    }
    for check in checks_of(Project):
        against = {
            name: models.Value(values[name], Project._meta.get_field(name)) for name in values
        }
        in_database = check.constraint.condition.check(against)
        assert check.refuses(values) is not in_database, check.constraint.name


def test_each_rule_is_found_by_its_name():
    assert refused_by(Project, approved_on=LATE, concluded_on=EARLY) == {
        "research_project_concluded_on_order"
    }
    assert refused_by(Project, approved_on=EARLY, grade="good") == {
        "research_project_grade_needs_conclusion"
    }
    assert refused_by(ChallengeClaim, claimed_on=EARLY, completed_on=LATE) == {
        "research_challengeclaim_completed_is_awarded"
    }


def test_what_it_does_not_know_it_leaves_to_the_database():
    with pytest.raises(_Unknown):
        _compile(Q(title__startswith="x"), {})
    with pytest.raises(_Unknown):
        _compile(Q(models.lookups.GreaterThan(Length("title"), 3)), {})
    with pytest.raises(_Unknown):
        _compile(Q(a=1) ^ Q(b=2), {})
