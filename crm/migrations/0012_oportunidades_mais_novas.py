from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0011_isolar_funis_e_campos")]

    operations = [
        migrations.AddIndex(
            "oportunidade",
            models.Index(
                fields=["organizacao", "-criado_em", "-id"],
                name="oportunidades_mais_novas",
            ),
        ),
    ]
