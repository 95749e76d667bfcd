import django.db.models.deletion
import uuid6
from django.conf import settings
from django.db import migrations, models

import conexoes.isolamento


class Migration(migrations.Migration):
    dependencies = [
        ("conexoes", "0002_isolamento"),
        ("crm", "0002_isolamento"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notificacao",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid6.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "criado_em",
                    models.DateTimeField(auto_now_add=True, verbose_name="criado em"),
                ),
                (
                    "atualizado_em",
                    models.DateTimeField(auto_now=True, verbose_name="atualizado em"),
                ),
                ("titulo", models.CharField(max_length=200)),
                ("texto", models.TextField(blank=True)),
                ("url", models.CharField(blank=True, max_length=500)),
                (
                    "tom",
                    models.CharField(
                        choices=[
                            ("ok", "Boa notícia"),
                            ("info", "Informação"),
                            ("alerta", "Alerta"),
                            ("erro", "Erro"),
                        ],
                        default="info",
                        max_length=10,
                    ),
                ),
                ("icone", models.CharField(blank=True, max_length=50)),
                ("chave", models.CharField(max_length=200)),
                ("lida_em", models.DateTimeField(blank=True, null=True)),
                (
                    "organizacao",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.organizacao",
                        verbose_name="organização",
                    ),
                ),
                (
                    "usuario",
                    conexoes.isolamento.ChaveDaOrganizacao(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "notificação",
                "verbose_name_plural": "notificações",
                "db_table": "notificacoes",
                "indexes": [
                    models.Index(fields=["usuario", "-id"], name="notificacoes_lista"),
                    models.Index(
                        condition=models.Q(("lida_em", None)),
                        fields=["usuario", "-id"],
                        name="notificacoes_nao_lidas",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organizacao", "usuario", "chave"),
                        name="notificacoes_uma_vez",
                    )
                ],
            },
        ),
    ]
