"""What holds of the indicators whatever the records are."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanneng.core.enums import RecordState
from sanneng.core.models import School
from sanneng.indicators.drill import breakdown, records_behind
from sanneng.indicators.evaluate import evaluate
from sanneng.research.enums import ProjectGrade, ProjectLevel
from sanneng.research.models import Project

AS_OF = dt.date(2023, 6, 30)
ALL, EXCELLENT = "research.projects.provincial", "research.projects.provincial_excellent"
DAYS = st.dates(dt.date(2018, 1, 1), dt.date(2024, 12, 31))
PROJECTS = st.lists(
    st.tuples(
        st.sampled_from(RecordState.values),
        st.sampled_from([ProjectLevel.PROVINCIAL, ProjectLevel.CITY]),
        DAYS,
        st.sampled_from(["", *ProjectGrade.values]),
    ),
    max_size=12,
)


@pytest.fixture
def schools(db):
    return [School.objects.create(code=c, name=c, level="district") for c in ("one", "two")]


@given(rows=PROJECTS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_value_records_and_parts_agree_with_a_plain_count(schools, rows):
    with transaction.atomic():
        for number, (state, level, day, grade) in enumerate(rows):
            Project.objects.create(
                school=schools[number % 2], key=f"P{number}", title="课题", state=state,
                reason="原因", level=level, approved_on=day, grade=grade,
                concluded_on=day if grade else None,
            )  # fmt: skip
        for place, school in enumerate(schools):
            own = [row for number, row in enumerate(rows) if number % 2 == place]
            counted = [
                (day, grade)
                for state, level, day, grade in own
                if state == "approved" and level == "provincial"
                and dt.date(2020, 1, 1) <= day <= AS_OF
            ]  # fmt: skip
            _check(school, counted)
        transaction.set_rollback(True)


def _check(school: School, counted: list[tuple[dt.date, str]]) -> None:
    question = {"school": school, "as_of": AS_OF}
    figures = evaluate(**question, ids=[ALL, EXCELLENT])
    assert figures[ALL].value == len(counted)
    assert figures[EXCELLENT].value == sum(grade == "excellent" for _day, grade in counted)
    assert figures[EXCELLENT].value <= figures[ALL].value
    assert len(records_behind(ALL, **question)) == len(counted)
    by_year = dict(breakdown(ALL, by="year", **question))
    assert by_year == {str(y): n for y, n in Counter(day.year for day, _g in counted).items()}
    assert sum(number for _label, number in breakdown(ALL, by="grade", **question)) == len(counted)
