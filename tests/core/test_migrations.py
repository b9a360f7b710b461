"""Migrations that move what people entered."""

import datetime as dt

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from sanneng.core.models import Evidence
from sanneng.people.models import Staff


def migrate(name):
    MigrationExecutor(connection).migrate([("core", name)])


@pytest.mark.django_db(transaction=True)
def test_evidence_gets_the_school_of_its_record(school, other_school):
    staff = [
        Staff.objects.create(school=one, key="1", name="甲", birth_date=dt.date(1980, 1, 1))
        for one in (school, other_school)
    ]
    # Where tests before have emptied the database, kinds have other keys than are remembered.
    ContentType.objects.clear_cache()
    kind = ContentType.objects.get_for_model(Staff)
    migrate("0004_records_at_work")
    try:
        with connection.cursor() as cursor:
            for title, pk in (("东", staff[0].pk), ("西", staff[1].pk), ("无主", 999)):
                cursor.execute(
                    "INSERT INTO core_evidence (content_type_id, object_id, title, digest, size, "
                    "media_type, added_at) VALUES (%s, %s, %s, '', 0, '', '2022-01-01')",
                    [kind.pk, pk, title],
                )
    finally:
        migrate("0006_boundary_evidence_has_a_school")
        call_command("migrate", verbosity=0)
    found = Evidence.objects.order_by("school").values_list("title", "school")
    assert set(found) == {("东", school.pk), ("西", other_school.pk)}
