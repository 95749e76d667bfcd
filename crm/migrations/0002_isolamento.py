from django.db import migrations

from conexoes.isolamento import Isolar


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]

    operations = [
        Isolar("Organizacao", coluna="id"),
        Isolar("Usuario", tambem_a_propria=True, alvo=True),
        Isolar("Contato", alvo=True),
        Isolar("IdentidadeContato"),
        Isolar("Conversa", alvo=True),
        Isolar("Mensagem"),
    ]
