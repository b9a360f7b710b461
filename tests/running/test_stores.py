"""What a backup has to know of: every file that a row can name, and every table."""

from django.apps import apps
from django.db import models

from sanneng.running.rows import LEFT_OUT, columns_of, kept_models
from sanneng.running.stores import STORES


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
