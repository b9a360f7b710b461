"""The database refuses a record of one school that refers to a record of another."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from sanneng.core.domain.refusals import explain
from sanneng.core.models import Record, School
from sanneng.core.registry import all_types
from sanneng.core.row_rules import rules_of
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.writing import write_rows
from tests.core.rows import rows_of_every_type

pytestmark = pytest.mark.django_db
MODELS = [record_type.model for record_type in all_types()]
REFERENCES = [
    (model, field.name)
    for model in MODELS
    for field in model._meta.concrete_fields
    if field.is_relation and issubclass(field.related_model, Record)
]


def label(value):
    return value if isinstance(value, str) else value._meta.label_lower


@pytest.fixture(scope="module")
def schools(django_db_setup, django_db_blocker, tmp_path_factory):
    """Two schools, each with a record of every type."""
    workbook = tmp_path_factory.mktemp("rows") / "all.xlsx"
    with django_db_blocker.unblock():
        write_rows(workbook, rows_of_every_type())
        made = [
            School.objects.create(code=code, name=code, level="district") for code in ("e", "w")
        ]
        for school in made:
            assert import_workbook(workbook, school=school, by=None).is_clean
        yield made
        call_command("flush", verbosity=0, interactive=False)


def refusal(model, action):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        action()
    return explain(model=model, error=caught.value)


def test_there_are_references_to_test():
    assert len(REFERENCES) > 25


@pytest.mark.parametrize(("model", "name"), REFERENCES, ids=label)
def test_a_reference_to_another_school_is_refused(schools, model, name):
    own, theirs = (model.objects.get(school=school) for school in schools)
    foreign = getattr(theirs, name)
    heading = model._meta.get_field(name).verbose_name
    told = (f"“{heading}”只能选本校的记录，请重新选择。", (name,))
    changed = model.objects.filter(pk=own.pk)
    # A voided record breaks no other rule, and even that one may not refer abroad.
    own.state, own.reason = "voided", "试"
    changed.update(state=own.state, reason=own.reason)
    assert refusal(model, lambda: changed.update(**{name: foreign})) == told
    own.pk, own.key = None, "second"
    setattr(own, name, foreign)
    assert refusal(model, lambda: own.save(force_insert=True)) == told
    setattr(own, name, foreign.__class__.objects.get(school=schools[0]))
    own.save(force_insert=True)


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_record_stays_in_its_school(schools, model):
    own = model.objects.get(school=schools[0])
    model.objects.filter(pk=own.pk).update(school=schools[0], key="another")
    told = refusal(
        model, lambda: model.objects.filter(pk=own.pk).update(school=schools[1], key="moved")
    )
    assert told == ("记录不能移到别的学校，请在那所学校另行登记。", ("school",))


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_names_of_rules_are_short_enough_for_postgresql(model):
    names = [rule.name for rule in rules_of(model)]
    assert max(map(len, names)) < 64
    assert len(set(names)) == len(names)
