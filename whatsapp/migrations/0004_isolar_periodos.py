from django.db import migrations

from conexoes.isolamento import Isolar


class Migration(migrations.Migration):
    dependencies = [
        ("whatsapp", "0003_guarda_e_vigia"),
        ("conexoes", "0002_isolamento"),
    ]

    operations = [Isolar("PeriodoDaSessao")]
