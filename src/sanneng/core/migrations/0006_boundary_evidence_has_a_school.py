import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0005_boundary"),
    ]

    operations = [
        migrations.AlterField(
            model_name="evidence",
            name="school",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.school"
            ),
        ),
    ]
