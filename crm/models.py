"""Tables of the domain: who works here, whom they talk to, and what was said."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from conexoes import provedores
from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models import ComTempos, DaOrganizacao
from crm import telefones


class Organizacao(ComTempos):
    """A company that uses the CRM: the tenant of every other row."""

    nome = models.CharField("nome", max_length=255)

    class Meta:
        db_table = "organizacoes_saas"
        verbose_name = "organização"
        verbose_name_plural = "organizações"
        ordering = ["nome"]

    def __str__(self) -> str:
        return self.nome


class GerenteDeUsuarios(BaseUserManager["Usuario"]):
    """Makes people; log-in finds them by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Usuario:
        return self.get(email__iexact=username)

    def create_user(
        self, email: str, password: str | None = None, **campos: Any
    ) -> Usuario:
        """Store a person of one organisation; the e-mail is kept in lower case."""
        usuario = self.model(email=email.strip().lower(), **campos)
        usuario.set_password(password)
        usuario.save(using=self._db)
        return usuario

    def create_superuser(
        self, email: str, password: str | None = None, **campos: Any
    ) -> Usuario:
        """Store a super admin, who belongs to no organisation."""
        return self.create_user(email, password, is_superuser=True, **campos)


class Usuario(AbstractBaseUser):
    """A person who logs in: admin or member of one organisation, or super admin."""

    class Papel(models.TextChoices):
        ADMIN = "admin", _("Administração")
        MEMBER = "member", _("Equipe de vendas")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organizacao = models.ForeignKey(
        Organizacao,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="organização",
    )
    email = models.EmailField("e-mail", max_length=254, unique=True)
    nome = models.CharField("nome", max_length=255)
    papel = models.CharField(
        "papel", max_length=20, choices=Papel, default=Papel.MEMBER
    )
    permissoes_conexoes = models.JSONField(
        "permissões de conexões", default=dict, blank=True
    )
    is_active = models.BooleanField("ativo", default=True)
    is_superuser = models.BooleanField("super admin", default=False)
    criado_em = models.DateTimeField(auto_now_add=True)
    atualizado_em = models.DateTimeField(auto_now=True)

    objects: ClassVar[GerenteDeUsuarios] = GerenteDeUsuarios()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["nome"]

    class Meta:
        db_table = "usuarios"
        verbose_name = "usuário"
        verbose_name_plural = "usuários"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="usuarios_email_minusculo",
            ),
            models.CheckConstraint(
                condition=models.Q(is_superuser=True, organizacao=None)
                | models.Q(is_superuser=False, organizacao__isnull=False),
                name="usuarios_super_admin_sem_organizacao",
            ),
            models.CheckConstraint(
                condition=models.Q(papel__in=["admin", "member"]),
                name="usuarios_papel_do_prd",
            ),
        ]

    def __str__(self) -> str:
        return self.nome

    @property
    def is_staff(self) -> bool:
        return self.is_superuser

    @property
    def papel_legivel(self) -> str:
        return str(_("Super admin") if self.is_superuser else self.get_papel_display())

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_superuser


class Contato(DaOrganizacao):
    """A customer or lead; its phone is unique with or without the ninth digit."""

    nome = models.CharField("nome", max_length=255)
    telefone = models.CharField("telefone", max_length=20, blank=True)
    email = models.EmailField("e-mail", max_length=254, blank=True)
    origem = models.CharField("origem", max_length=50, blank=True)
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
        ]

    def __str__(self) -> str:
        return self.nome

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.telefone_chave = telefones.chave(self.telefone)
        partes = (self.nome, self.email, self.telefone)
        self.busca = telefones.sem_acentos(" ".join(partes))[:600]
        super().save(*args, **kwargs)

    @property
    def numero_legivel(self) -> str:
        return telefones.legivel(self.telefone)

    @property
    def origem_legivel(self) -> str:
        provedor = provedores.obter(self.origem)
        return provedor.nome if provedor else self.origem.capitalize()


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


class Conversa(DaOrganizacao):
    """What one contact and one of our connections said to each other.

    ``conexao_id`` names the provider's row without pointing at it; ``endereco`` is
    where the next answer goes; ``responsavel`` owns the connection.
    """

    contato = ChaveDaOrganizacao(
        Contato, on_delete=models.CASCADE, related_name="conversas"
    )
    canal = models.CharField("canal", max_length=20)
    conexao_id = models.UUIDField(null=True, blank=True)
    conexao_nome = models.CharField(max_length=255, blank=True)
    endereco = models.CharField(max_length=255)
    responsavel = ChaveDaOrganizacao(
        Usuario, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    nao_lidas = models.IntegerField(default=0)
    ultima_mensagem_em = models.DateTimeField(db_default=Now())
    ultima_mensagem_texto = models.CharField(max_length=200, blank=True)
    ultima_direcao = models.CharField(max_length=10, blank=True)
    ultimo_status = models.CharField(max_length=20, blank=True)

    class Meta:
        db_table = "conversas"
        verbose_name = "conversa"
        verbose_name_plural = "conversas"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "conexao_id", "contato"], name="conversas_uma"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organizacao", "-ultima_mensagem_em", "-id"],
                name="conversas_lista",
            ),
            models.Index(
                fields=["organizacao"],
                name="conversas_nao_lidas",
                condition=models.Q(nao_lidas__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.canal} {self.id}"

    def get_absolute_url(self) -> str:
        return reverse("crm:conversa", args=[self.pk])


class Mensagem(DaOrganizacao):
    """One thing said, in or out; its provider id is unique in its connection."""

    class Direcao(models.TextChoices):
        ENTRADA = "entrada", _("Recebida")
        SAIDA = "saida", _("Enviada")

    class Status(models.TextChoices):
        RECEBIDA = "recebida", _("Recebida")
        PENDENTE = "pendente", _("Na fila de envio")
        ENVIANDO = "enviando", _("Enviando")
        INCERTA = "incerta", _("Não sabemos se chegou")
        FALHOU = "falhou", _("Não foi enviada")
        ENVIADA = "enviada", _("Enviada")
        ENTREGUE = "entregue", _("Entregue")
        LIDA = "lida", _("Lida")

    class Tipo(models.TextChoices):
        TEXTO = "texto", _("Texto")
        NAO_SUPORTADO = "nao_suportado", _("Conteúdo ainda não mostrado aqui")

    conversa = ChaveDaOrganizacao(
        Conversa, on_delete=models.CASCADE, related_name="mensagens"
    )
    conexao_id = models.UUIDField(null=True, blank=True)
    direcao = models.CharField(max_length=10, choices=Direcao)
    tipo = models.CharField(max_length=20, choices=Tipo, default=Tipo.TEXTO)
    texto = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=Status)
    motivo = models.CharField(max_length=500, blank=True)
    id_externo = models.CharField(max_length=255, blank=True)
    autor = ChaveDaOrganizacao(
        Usuario, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    do_celular = models.BooleanField(default=False)
    # When it was said: the provider's clock for what came in, ours for what goes out.
    momento = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "mensagens"
        verbose_name = "mensagem"
        verbose_name_plural = "mensagens"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "conexao_id", "id_externo"],
                name="mensagens_id_externo_unico",
                condition=~models.Q(id_externo=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organizacao", "conversa", "-momento", "-id"],
                name="mensagens_conversa",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direcao} {self.id}"

    @property
    def status_legivel(self) -> str:
        return self.get_status_display()
