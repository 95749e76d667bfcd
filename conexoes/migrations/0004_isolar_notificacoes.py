from django.db import migrations

from conexoes.isolamento import Isolar


class Migration(migrations.Migration):
    dependencies = [("conexoes", "0003_notificacoes")]

    operations = [Isolar("Notificacao", so_da_pessoa=True)]
