from django.db import migrations

from conexoes.isolamento import Isolar


class Migration(migrations.Migration):
    dependencies = [
        ("meta", "0001_initial"),
        ("crm", "0011_isolar_funis_e_campos"),
    ]

    operations = [
        Isolar("ConexaoMeta", alvo=True),
        Isolar("PaginaMeta", alvo=True),
        Isolar("FormularioMeta", alvo=True),
        Isolar("FormularioLeadAds"),
        Isolar("LeadCapturado"),
        Isolar("LeituraDeLeads"),
    ]
