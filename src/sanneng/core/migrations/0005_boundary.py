import django.db.models.deletion
from django.db import migrations, models


def fill_schools(apps, schema_editor):
    """Give each piece of evidence its record's school, whatever app the record is in."""
    connection = schema_editor.connection
    tables = set(connection.introspection.table_names())
    kinds = apps.get_model("contenttypes", "ContentType").objects
    with connection.cursor() as cursor:
        for kind in kinds.filter(pk__in=apps.get_model("core", "Evidence").objects.values("content_type")):
            table = f"{kind.app_label}_{kind.model}"
            if table in tables:
                cursor.execute(
                    f'UPDATE core_evidence SET school_id = (SELECT r.school_id FROM "{table}" r '
                    "WHERE r.id = core_evidence.object_id) WHERE content_type_id = %s",
                    [kind.pk],
                )
        # What has no record any more can be reached by nobody.
        cursor.execute("DELETE FROM core_evidence WHERE school_id IS NULL")


def lift_policy(apps, schema_editor):
    """The policy goes with the column; without either, the table would be closed to all."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE core_evidence DISABLE ROW LEVEL SECURITY")


class Migration(migrations.Migration):

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("core", "0004_records_at_work"),
    ]

    operations = [
        migrations.AddField(
            model_name="evidence",
            name="school",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.school",
            ),
        ),
        migrations.RunPython(fill_schools, lift_policy),
    ]
