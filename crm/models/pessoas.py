"""Who works here: organisations and their people."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models import ComTempos, DaOrganizacao


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

    class Tema(models.TextChoices):
        SISTEMA = "sistema", _("Igual ao do aparelho")
        CLARO = "claro", _("Claro")
        ESCURO = "escuro", _("Escuro")

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
    tema = models.CharField(
        "tema", max_length=10, choices=Tema, default=Tema.SISTEMA, db_default="sistema"
    )
    # A code of settings.LANGUAGES; "" is the product's own language.
    idioma = models.CharField("idioma", max_length=10, blank=True, db_default="")
    # Kinds of notification whose mail the person switched from its default.
    avisos_por_email = models.JSONField(
        default=dict, blank=True, editable=False, db_default=models.Value("{}")
    )
    # Part of what every session is signed with: one more ends them all.
    geracao_de_sessoes = models.IntegerField(default=0, db_default=0, editable=False)
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

    def get_full_name(self) -> str:
        return self.nome

    @property
    def is_staff(self) -> bool:
        return self.is_superuser

    @property
    def papel_legivel(self) -> str:
        return str(_("Super admin") if self.is_superuser else self.get_papel_display())

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # The generation beside the password: one more ends every session there is.
        return salted_hmac(
            "crm.models.pessoas.Usuario.sessao",
            f"{self.geracao_de_sessoes}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_superuser


class Convite(DaOrganizacao):
    """An e-mail address asked to join; its link is kept only as a hash.

    One open invitation an address: a new one replaces it.
    """

    email = models.EmailField("e-mail", max_length=254)
    nome = models.CharField("nome", max_length=255, blank=True)
    papel = models.CharField(
        "papel",
        max_length=20,
        choices=Usuario.Papel,
        default=Usuario.Papel.MEMBER,
    )
    permissoes_conexoes = models.JSONField(default=dict, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    autor = ChaveDaOrganizacao(
        Usuario, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    expira_em = models.DateTimeField("expira em")
    aceito_em = models.DateTimeField(null=True, blank=True)
    cancelado_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "convites"
        verbose_name = "convite"
        verbose_name_plural = "convites"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "email"],
                name="convites_um_aberto",
                condition=models.Q(aceito_em=None, cancelado_em=None),
            ),
        ]

    def __str__(self) -> str:
        return self.email
