from django.db import migrations

from conexoes.isolamento import Isolar


class Migration(migrations.Migration):
    dependencies = [("conexoes", "0010_oauth_e_credenciais")]

    operations = [Isolar("EstadoOAuth", so_da_pessoa=True)]
