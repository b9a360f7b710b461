"""The catalogue against the records of the sample school."""

from __future__ import annotations

import datetime as dt

import pytest

from sanneng.figures import holds
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.drill import (
    breakdown,
    figures_with,
    missing,
    querysets,
    records_behind,
    records_digest,
)
from sanneng.indicators.evaluate import evaluate, evaluate_schools
from sanneng.indicators.periods import Period
from sanneng.people.models import Employment, Hire, Posting
from sanneng.research.models import Project
from sanneng.teaching.models import AdvisorTerm, Listening

AS_OF = dt.date(2023, 6, 30)
pytestmark = pytest.mark.django_db


def test_every_stated_figure_is_in_the_catalogue_once(seed_figures):
    stated = [entry.figure for entry in load_catalogue().figures]
    assert stated == list(seed_figures)


def test_sample_school_gives_all_stated_figures(sample, seed_figures):
    figures = evaluate(school=sample, as_of=AS_OF)
    wrong = []
    for entry in load_catalogue().figures:
        row, figure = seed_figures[entry.figure], figures[entry.id]
        if row["qualifier"] in ("every", "rising"):
            agrees = figure.holds is True
        else:
            agrees = holds(row["qualifier"], int(row["value"]), figure.value)
        if not agrees or (row["unit"] and row["unit"] != entry.unit):
            wrong.append((entry.figure, figure.display()))
    assert wrong == []


def test_records_behind_are_as_many_as_a_count_says(sample):
    figures = evaluate(school=sample, as_of=AS_OF)
    for entry in load_catalogue():
        if entry.measure == "count":
            refs = records_behind(entry.id, school=sample, as_of=AS_OF)
            assert len(refs) == figures[entry.id].value, entry.id


def test_parts_of_an_additive_figure_sum_to_it(sample):
    figures = evaluate(school=sample, as_of=AS_OF)
    for entry in load_catalogue():
        if entry.measure == "count":
            for by in ("year", "quarter", "month"):
                parts = breakdown(entry.id, by=by, school=sample, as_of=AS_OF)
                assert sum(number for _label, number in parts) == figures[entry.id].value


def test_a_part_is_never_above_its_whole(sample):
    figures = evaluate(school=sample, as_of=AS_OF)
    for entry in load_catalogue():
        if entry.part_of:
            assert figures[entry.id].value <= figures[entry.part_of].value


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "voided"])
def test_only_approved_records_count(sample, state):
    before = evaluate(school=sample, as_of=AS_OF)["research.projects.provincial"].value
    project = Project.objects.counted().filter(level="provincial", approved_on__year=2021).first()
    Project.objects.filter(pk=project.pk).update(state=state, reason="原因")
    after = evaluate(school=sample, as_of=AS_OF)["research.projects.provincial"].value
    assert (before, after) == (11, 10)


def test_part_of_a_voided_whole_does_not_count(sample):
    term = AdvisorTerm.objects.counted().first()
    type(term.training_class).objects.filter(pk=term.training_class_id).update(
        state="voided", reason="重复"
    )
    refs = records_behind("teaching.advisor.coverage", school=sample, as_of=AS_OF)
    assert term.pk not in {ref.pk for ref in refs}


def test_coverage_names_whom_it_misses(sample):
    newcomer = Hire.objects.filter(channel="talent_scheme").first().staff
    Posting.objects.filter(staff=newcomer, kind="office_rotation").delete()
    figure = evaluate(school=sample, as_of=AS_OF)["people.rotation.newcomers"]
    absent = missing("people.rotation.newcomers", school=sample, as_of=AS_OF)
    assert (figure.numerator, figure.denominator, figure.holds) == (4, 5, False)
    assert [one.name for one in absent] == [newcomer.name]


def test_five_years_and_since_2019_differ_by_the_hire_of_2018(sample):
    figures = evaluate(school=sample, as_of=AS_OF)
    hired = figures["people.entry.talent_scheme"].value + figures["people.entry.selection"].value
    assert (hired, figures["people.entry.newcomers"].value) == (6, 5)


def test_structure_is_that_of_the_day_asked(sample):
    person = Employment.objects.filter(end_on__year=2022).first()
    on_roll = "people.staff.on_roll"
    last, next_day = person.end_on, person.end_on + dt.timedelta(days=1)
    before = evaluate(school=sample, as_of=last, ids=[on_roll])[on_roll].value
    after = evaluate(school=sample, as_of=next_day, ids=[on_roll])[on_roll].value
    assert before - after == 1


def test_age_grows_on_the_birthday_itself(sample):
    entry = "people.age.average"
    person = Employment.objects.filter(end_on__isnull=True).exclude(establishment="none").first()
    day = dt.date(2023, 6, 30)
    type(person.staff).objects.filter(pk=person.staff_id).update(birth_date=dt.date(1980, 6, 30))
    on_birthday = evaluate(school=sample, as_of=day, ids=[entry])[entry].numerator
    type(person.staff).objects.filter(pk=person.staff_id).update(birth_date=dt.date(1980, 7, 1))
    day_before = evaluate(school=sample, as_of=day, ids=[entry])[entry].numerator
    assert on_birthday - day_before == 1


def test_figure_over_another_period(sample):
    entry = "research.projects.provincial"
    question = {"school": sample, "as_of": AS_OF, "ids": [entry]}
    assert evaluate(**question, period=Period("in", 2021))[entry].value == 3
    assert evaluate(**question, period=Period("since", 2022))[entry].value == 5


def test_school_without_records_divides_nothing_by_zero(sample):
    from sanneng.core.models import School

    empty = School.objects.create(code="empty", name="空校", level="district")
    figures = evaluate(school=empty, as_of=AS_OF)
    assert figures["people.postgraduate.share"].value is None
    assert figures["teaching.advisor.average"].display() == "无数据"
    assert figures["people.rotation.newcomers"].holds is False


def test_one_query_per_data_set(sample, django_assert_max_num_queries):
    evaluate(school=sample, as_of=AS_OF)
    datasets = {entry.dataset for entry in load_catalogue() if entry.dataset}
    with django_assert_max_num_queries(len(datasets)):
        evaluate(school=sample, as_of=AS_OF)


def test_all_schools_at_once_give_what_each_gives_alone(sample):
    alone = evaluate(school=sample, as_of=AS_OF)
    together = evaluate_schools(as_of=AS_OF)[sample.pk]
    assert {k: f.outcome for k, f in together.items()} == {k: f.outcome for k, f in alone.items()}


def test_figures_see_the_open_transaction_and_do_not_commit_it(sample):
    from django.db import connection, transaction

    entry = "teaching.listening.person_times"
    with transaction.atomic():
        Listening.objects.filter(pk=Listening.objects.counted().first().pk).delete()
        inside = evaluate(school=sample, as_of=AS_OF, ids=[entry])[entry].value
        assert connection.in_atomic_block
        transaction.set_rollback(True)
    after = evaluate(school=sample, as_of=AS_OF, ids=[entry])[entry].value
    assert after - inside == 1


def test_digest_changes_with_the_set_of_records(sample):
    entry = "research.instructions.positive"
    refs = records_behind(entry, school=sample, as_of=AS_OF)
    assert records_digest(refs) == records_digest(list(reversed(refs)))
    assert records_digest(refs) != records_digest(refs[1:])


def test_a_record_names_the_figures_that_it_counts_in(sample):
    for indicator in ("research.projects.provincial_excellent", "people.central_tasks.coverage"):
        ref = records_behind(indicator, school=sample, as_of=AS_OF)[0]
        (records,) = querysets([ref])
        named = {entry.id for entry in figures_with(records.get(), as_of=AS_OF)}
        behind = {
            entry.id
            for entry in load_catalogue().figures
            if ref in records_behind(entry.id, school=sample, as_of=AS_OF)
        }
        assert indicator in named
        assert named == behind


def test_a_record_that_does_not_count_is_in_no_figure(sample):
    draft = Project.objects.filter(school=sample, state="draft").first()
    assert figures_with(draft, as_of=AS_OF) == []
