from django.db import migrations

from conexoes.isolamento import Isolar, IsolarChave, TornarAlvo


class Migration(migrations.Migration):
    dependencies = [("crm", "0003_conteudo")]

    operations = [
        TornarAlvo("Mensagem"),
        IsolarChave("Mensagem", "cita"),
        Isolar("Reacao"),
        Isolar("Midia"),
        Isolar("UniaoDeContatos"),
    ]
