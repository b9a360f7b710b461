"""What a backup has to know of: every file that a row can name, and every table."""

import io

from django.apps import apps
from django.db import models

from sanneng.core.domain import evidence
from sanneng.running.rows import LEFT_OUT, columns_of, kept_models
from sanneng.running.stores import STORES, nothing_is_deleted

RACE = """
import io, threading
from django.db import connection, transaction
from sanneng.core.domain import evidence
content = io.BytesIO(b"%PDF-1.7 x")
facts = evidence.examine_file(source=content, name="a.pdf")
evidence.keep_file(source=content, facts=facts)
def forget():
    evidence.forget_unused([facts.digest])
    connection.close()
def forgotten():
    thread = threading.Thread(target=forget)
    thread.start()
    thread.join()
    return "kept" if evidence.path_of(facts.digest).exists() else "gone"
with transaction.atomic():
    evidence.use_store()
    first = forgotten()
print(first, forgotten())
"""


def test_no_table_names_files_that_a_backup_does_not_know():
    """A file is kept by digest in one of STORES; a FileField would be left out."""
    assert not [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, models.FileField)
    ]
    assert {store.model._meta.label for store in STORES} == {"core.Evidence", "reports.Report"}


def test_every_table_but_sessions_is_kept():
    every = {model for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    assert set(kept_models()) == {model for model in every if not model._meta.proxy} - set(LEFT_OUT)


def test_a_table_comes_after_those_that_it_refers_to():
    order = kept_models()
    for place, model in enumerate(order):
        for field in columns_of(model):
            if field.is_relation and field.related_model is not model:
                assert order.index(field.related_model) < place


def test_no_file_goes_while_a_backup_runs(db, settings, tmp_path):
    settings.EVIDENCE_ROOT = tmp_path / "evidence"
    content = io.BytesIO(b"%PDF-1.7 x")
    facts = evidence.examine_file(source=content, name="a.pdf")
    evidence.keep_file(source=content, facts=facts)
    with nothing_is_deleted():
        evidence.forget_unused([facts.digest])
        assert evidence.path_of(facts.digest).exists()
    evidence.forget_unused([facts.digest])
    assert not evidence.path_of(facts.digest).exists()


def test_no_file_goes_while_somebody_attaches_it(new_installation):
    """The file is there already, and its new row is not committed yet."""
    said = new_installation("postgresql").python(RACE)
    assert said == "kept gone\n"
