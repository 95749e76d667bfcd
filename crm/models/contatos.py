"""Whom we talk to: contacts, their addresses, and contacts that were one."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from conexoes import provedores
from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models import DaOrganizacao
from crm import telefones
from crm.models.pessoas import Usuario


def origem_legivel(origem: str) -> str:
    """Where somebody came from, as people call it: an integration by its name."""
    provedor = provedores.obter(origem)
    return provedor.nome if provedor else origem.capitalize()


class Contato(DaOrganizacao):
    """A customer or lead; its phone is unique with or without the ninth digit."""

    nome = models.CharField("nome", max_length=255)
    telefone = models.CharField("telefone", max_length=20, blank=True)
    email = models.EmailField("e-mail", max_length=254, blank=True)
    origem = models.CharField("origem", max_length=50, blank=True)
    empresa = models.CharField(
        "empresa", max_length=255, blank=True, default="", db_default=""
    )
    cargo = models.CharField(
        "cargo", max_length=255, blank=True, default="", db_default=""
    )
    # CPF or CNPJ, digits only.
    documento = models.CharField(
        "CPF ou CNPJ", max_length=14, blank=True, default="", db_default=""
    )
    cidade = models.CharField(
        "cidade", max_length=120, blank=True, default="", db_default=""
    )
    estado = models.CharField(
        "estado", max_length=60, blank=True, default="", db_default=""
    )
    cep = models.CharField("CEP", max_length=9, blank=True, default="", db_default="")
    nascimento = models.DateField("nascimento", null=True, blank=True)
    # Values of the organisation's own fields, by the id of a CampoPersonalizado.
    campos = models.JSONField(default=dict, blank=True, db_default=models.Value("{}"))
    responsavel = ChaveDaOrganizacao(
        Usuario,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="responsável",
    )
    # Since when it is a marketing-qualified lead, if it is one.
    mql_em = models.DateTimeField(null=True, blank=True)
    # A group of several people on a channel: it has no phone of its own.
    e_grupo = models.BooleanField(default=False, db_default=False)
    # Written by save(): what search and sorting read, without accents or case.
    busca = models.CharField(max_length=600, editable=False, default="")
    telefone_chave = models.CharField(max_length=20, editable=False, default="")

    class Meta:
        db_table = "contatos"
        verbose_name = "contato"
        verbose_name_plural = "contatos"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "telefone_chave"],
                name="contatos_telefone_unico",
                condition=~models.Q(telefone_chave=""),
            ),
        ]
        indexes = [
            models.Index(fields=["organizacao", "busca", "id"], name="contatos_lista"),
            models.Index(
                fields=["organizacao", "email"],
                name="contatos_email",
                condition=~models.Q(email=""),
            ),
        ]

    def __str__(self) -> str:
        return self.nome

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.derivar()
        super().save(*args, **kwargs)

    def derivar(self) -> None:
        """Set the columns that follow from others, as whoever writes must."""
        self.telefone_chave = telefones.chave(self.telefone)
        self.email = self.email.strip().lower()
        partes = (self.nome, self.email, self.telefone, self.empresa)
        self.busca = telefones.sem_acentos(" ".join(partes)).rstrip()[:600]

    @property
    def numero_legivel(self) -> str:
        return telefones.legivel(self.telefone)

    @property
    def origem_legivel(self) -> str:
        return origem_legivel(self.origem)


class IdentidadeContato(DaOrganizacao):
    """One address of a contact on a channel; a person may have several.

    WhatsApp shows the same person now by phone, now by a hidden id (``@lid``).
    """

    contato = ChaveDaOrganizacao(
        Contato, on_delete=models.CASCADE, related_name="identidades"
    )
    canal = models.CharField(max_length=20)
    identificador = models.CharField(max_length=255)

    class Meta:
        db_table = "identidades_contato"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "canal", "identificador"],
                name="identidades_contato_uma",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.canal} {self.contato_id}"


class UniaoDeContatos(DaOrganizacao):
    """Two contacts that turned out to be one person; can be undone.

    ``absorvido`` is what the contact that vanished looked like, ``movidos`` lists the
    ids of what it handed over, by kind.
    """

    mantido = ChaveDaOrganizacao(
        Contato, on_delete=models.CASCADE, related_name="unioes"
    )
    absorvido = models.JSONField(default=dict)
    movidos = models.JSONField(default=dict)
    autor = ChaveDaOrganizacao(
        Usuario, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    desfeita_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "unioes_de_contatos"
        verbose_name = _("união de contatos")
        verbose_name_plural = _("uniões de contatos")

    def __str__(self) -> str:
        return f"{self.mantido_id} <- {self.absorvido.get('id', '')}"
