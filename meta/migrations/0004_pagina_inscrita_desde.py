from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meta", "0003_token_recusado_da_pagina")]

    operations = [
        migrations.AddField(
            "PaginaMeta",
            "inscrita_desde",
            models.DateTimeField(blank=True, null=True),
        ),
    ]
