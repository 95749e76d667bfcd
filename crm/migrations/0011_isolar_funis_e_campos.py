from django.db import migrations

from conexoes.isolamento import Isolar, IsolarChave


class Migration(migrations.Migration):
    dependencies = [("crm", "0010_funis_e_campos")]

    operations = [
        IsolarChave("Contato", "responsavel"),
        Isolar("Funil", alvo=True),
        Isolar("EtapaFunil", alvo=True),
        Isolar("VezNoFunil"),
        Isolar("Oportunidade", alvo=True),
        Isolar("MovimentoDaOportunidade"),
        Isolar("Tag", alvo=True),
        Isolar("TagDoContato"),
        Isolar("CampoPersonalizado"),
        # People are found by their e-mail, whatever its case.
        migrations.RunSQL(
            "UPDATE contatos SET email = lower(btrim(email))"
            " WHERE email <> lower(btrim(email))",
            migrations.RunSQL.noop,
        ),
    ]
