"""All indicators against a second, plain reckoning of their calibers."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from sanneng.core.models import DatedRecord
from sanneng.core.registry import all_types
from sanneng.indicators.atoms import Atom
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.engines import DjangoEngine, run_pass
from sanneng.indicators.evaluate import evaluate
from sanneng.indicators.periods import Window
from sanneng.teaching.models import LessonStudy
from tests.indicators.oracle import Oracle

pytestmark = pytest.mark.django_db
AS_OF = dt.date(2023, 6, 30)
DAYS = (
    AS_OF, dt.date(2023, 12, 31), dt.date(2022, 12, 31), dt.date(2021, 7, 1), dt.date(2020, 2, 29),
    dt.date(2019, 12, 31), dt.date(2018, 1, 1),
)  # fmt: skip


def differing(school, as_of) -> dict[str, tuple[object, object]]:
    """Indicators on which the two reckonings differ, with what each says."""
    figures = evaluate(school=school, as_of=as_of)
    expected = Oracle(school, as_of).answers()
    assert set(expected) == {entry.id for entry in load_catalogue()}
    return {
        name: ((figures[name].value, figures[name].holds), answer)
        for name, answer in expected.items()
        if (figures[name].value, figures[name].holds) != answer
    }


@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_two_reckonings_agree_on_every_day(sample, as_of):
    assert differing(sample, as_of) == {}


@pytest.mark.parametrize("seed", range(12))
def test_two_reckonings_agree_when_any_records_stop_counting(sample, seed):
    """A random third of all records, wholes and parts alike, go back to draft or are voided."""
    chance = random.Random(seed)
    thin_out(sample, chance, (0, 0.1, 0.3, 1))
    assert differing(sample, chance.choice(DAYS[:4])) == {}


def thin_out(school, chance, shares):
    # Parts before wholes: a claim on a topic that no longer counts cannot be touched.
    for kind in reversed(list(all_types())):
        keys = list(kind.model.objects.filter(school=school).values_list("pk", flat=True))
        gone = chance.sample(keys, k=int(len(keys) * chance.choice(shares)))
        rows = kind.model.objects.filter(pk__in=gone)
        rows.update(state=chance.choice(["draft", "returned", "voided"]), reason="随机")


@pytest.mark.parametrize("seed", range(3))
def test_lists_and_indicators_count_the_same_records_of_every_type(sample, seed):
    LessonStudy.objects.filter(pk__in=LessonStudy.objects.all()[:20]).update(course=None)
    thin_out(sample, random.Random(seed), (0.1, 0.3))
    for kind in all_types():
        began = "start_on" if issubclass(kind.model, DatedRecord) else None
        atom = Atom(kind.model._meta.label, Window(None, dt.date(2099, 1, 1)), time=began)
        rows = run_pass(DjangoEngine(), (atom,), school=sample.pk)
        counted = kind.model.objects.counted().filter(school=sample).count()
        assert rows == ([(sample.pk, counted)] if counted else []), kind.code
