from django.db import migrations

from conexoes.isolamento import Isolar, IsolarChave


class Migration(migrations.Migration):
    dependencies = [("crm", "0005_atendimento_e_pessoas")]

    operations = [
        IsolarChave("Conversa", "atendente"),
        Isolar("Convite"),
        Isolar("RespostaRapida"),
        Isolar("Rascunho", so_da_pessoa=True),
    ]
