from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meta", "0002_isolamento")]

    operations = [
        migrations.AddField(
            "PaginaMeta",
            "token_recusado_na",
            models.IntegerField(blank=True, null=True),
        ),
    ]
