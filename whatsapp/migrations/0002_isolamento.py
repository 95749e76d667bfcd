from django.db import migrations

from conexoes.isolamento import Isolar


class Migration(migrations.Migration):
    dependencies = [
        ("whatsapp", "0001_initial"),
        ("conexoes", "0002_isolamento"),
    ]

    operations = [
        Isolar("SessaoWhatsapp", so_da_pessoa=True, alvo=True),
        Isolar("AckAdiantado"),
    ]
