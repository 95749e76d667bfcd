from django.db import migrations

from conexoes.isolamento import Isolar


class Migration(migrations.Migration):
    dependencies = [("conexoes", "0005_chaves_e_configuracoes")]

    operations = [
        Isolar("ConfiguracaoTenant"),
        Isolar("RecursoDaOrganizacao"),
        Isolar("ChaveDeApi", so_da_pessoa=True),
        Isolar("ChamadaIdempotente", so_da_pessoa=True),
    ]
