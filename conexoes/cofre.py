"""The vault: secrets at rest, AES-256-GCM under the keys of ``INTEGRATIONS_KEY``.

An envelope is the text ``v1.<kid>.<base64url of nonce, ciphertext and tag>``. Its
associated data names table, column, organisation and row, so an envelope pasted into
another row does not open there. Every doubt fails closed with ``CredencialIlegivel``.
"""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from django import forms
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init

from conexoes import chaveiro
from conexoes.erros import CredencialIlegivel

_VERSAO: Final = "v1"
_NONCE: Final = 12
_TAG: Final = 16

if TYPE_CHECKING:
    _Campo = models.Field[str, str]
else:
    _Campo = models.Field


class Contexto(NamedTuple):
    """Where a secret lives; it opens nowhere else."""

    tabela: str
    coluna: str
    organizacao: str
    linha: str


def cifrar(texto: str, *, contexto: Contexto) -> str:
    """The envelope of ``texto`` for one place, under the active key."""
    anel = chaveiro.atual()
    return _selar(anel, anel.ativa, texto, contexto)


def decifrar(envelope: str, *, contexto: Contexto) -> str:
    """The text of an envelope; raises ``CredencialIlegivel`` on any doubt."""
    anel = chaveiro.atual()
    versao, _, resto = envelope.partition(".")
    kid, _, corpo = resto.partition(".")
    if versao != _VERSAO or not corpo:
        raise CredencialIlegivel(detalhe="envelope malformado")
    if kid not in anel.cifras:
        raise CredencialIlegivel(detalhe="chave desconhecida")
    cru = chaveiro.de_base64(corpo)
    if cru is None or len(cru) < _NONCE + _TAG:
        raise CredencialIlegivel(detalhe="envelope malformado")
    try:
        claro = anel.cifras[kid].decrypt(
            cru[:_NONCE], cru[_NONCE:], _associado(kid, contexto)
        )
        return claro.decode()
    except (InvalidTag, UnicodeDecodeError):
        raise CredencialIlegivel(detalhe="autenticação do envelope falhou") from None


def canario() -> str:
    """Prove every key by a round trip; an envelope to keep for ``conferir_canario``.

    Raises ``ImproperlyConfigured`` when the ring is unusable.
    """
    anel = chaveiro.atual()
    for kid in anel.cifras:
        conferir_canario(_selar(anel, kid, _CANTO, _GAIOLA))
    return _selar(anel, anel.ativa, _CANTO, _GAIOLA)


def conferir_canario(envelope: str) -> None:
    """Raise ``ImproperlyConfigured`` unless today's keys open a kept canary."""
    try:
        vivo = decifrar(envelope, contexto=_GAIOLA) == _CANTO
    except CredencialIlegivel:
        vivo = False
    if not vivo:
        raise ImproperlyConfigured(
            "INTEGRATIONS_KEY não é a chave com que as credenciais deste banco foram "
            "cifradas. Reponha a chave original; sem ela, só recadastrando tudo."
        )


_CANTO: Final = "canário"
_GAIOLA: Final = Contexto("cofre", "canario", "global", "canario")


def _selar(anel: chaveiro.Chaveiro, kid: str, texto: str, contexto: Contexto) -> str:
    nonce = os.urandom(_NONCE)
    selado = anel.cifras[kid].encrypt(nonce, texto.encode(), _associado(kid, contexto))
    corpo = base64.urlsafe_b64encode(nonce + selado).rstrip(b"=").decode()
    return f"{_VERSAO}.{kid}.{corpo}"


def _associado(kid: str, contexto: Contexto) -> bytes:
    return "|".join(("conexoes", _VERSAO, kid, *contexto)).encode()


class Cifrado:
    """A database value: sealed, and saying nothing when printed."""

    __slots__ = ("contexto", "envelope")

    def __init__(self, envelope: str, contexto: Contexto | None = None) -> None:
        self.envelope = envelope
        self.contexto = contexto

    def __repr__(self) -> str:
        return "<cifrado>"


class _Segredo:
    """A text set in Python and not yet saved; never printed, never pickled."""

    __slots__ = ("texto",)

    def __init__(self, texto: str) -> None:
        self.texto = texto

    def __repr__(self) -> str:
        return "<segredo>"

    def __deepcopy__(self, _: dict[int, Any]) -> _Segredo:
        return self

    def __reduce__(self) -> str:
        raise TypeError("an unsaved secret must not be pickled")


class _Acesso(DeferredAttribute):
    """Decrypts when the attribute is read, since only then the row is known."""

    field: CampoCifrado

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            # Serialisers that look for it on the class do not find it.
            raise AttributeError(f"{self.field.name} is read on an instance")
        valor = super().__get__(instance, cls)
        match valor:
            case _Segredo():
                return valor.texto
            case Cifrado():
                contexto = valor.contexto or self.field.contexto(instance)
                return decifrar(valor.envelope, contexto=contexto)
        return valor

    def __set__(self, instance: models.Model, valor: Any) -> None:
        if isinstance(valor, str) and valor:
            valor = _Segredo(valor)
        elif valor not in (None, "") and not isinstance(valor, Cifrado):
            raise TypeError(f"{self.field.name} takes text, not {type(valor).__name__}")
        instance.__dict__[self.field.attname] = valor


class CampoCifrado(_Campo):
    """Text that is encrypted in its column and plain on its instance.

    The primary key must exist before the first save. ``values()`` yields a sealed
    object; ``update()``, ``bulk_update()`` and look-ups by a text raise. In forms it is
    write-only: never shown, and left empty it keeps what is stored. Serialisers refuse
    it. Not a ``TextField``, which they and the admin would take for an ordinary one.
    """

    descriptor_class = _Acesso

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["serialize"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        nome, caminho, args, kwargs = super().deconstruct()
        kwargs.pop("serialize", None)
        return nome, caminho, args, kwargs

    def get_internal_type(self) -> str:
        return "TextField"

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        erros = super().check(**kwargs)
        if isinstance(self.model._meta.pk, models.AutoField):
            erros.append(
                checks.Error(
                    "CampoCifrado needs a primary key made in Python.",
                    hint="Use a UUIDField with a default.",
                    obj=self,
                    id="conexoes.E001",
                )
            )
        return erros

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            post_init.connect(self._amarrar, sender=cls)

    def contexto(self, instance: models.Model) -> Contexto:
        """The place of this column in ``instance``; "global" without an organisation.

        Raises ``ValueError`` while the row's key or organisation is not set.
        """
        meta = instance._meta
        linha = meta.pk.to_python(instance.pk)
        organizacao: Any = "global"
        if hasattr(type(instance), "organizacao_id"):
            campo: Any = meta.get_field("organizacao")
            organizacao = campo.to_python(getattr(instance, campo.attname))
        if linha is None or organizacao is None:
            raise ValueError(f"{self.name}: set the key and the organisation first")
        coluna = self.column or self.attname
        return Contexto(meta.db_table, coluna, str(organizacao), str(linha))

    def from_db_value(self, value: str | None, *_: Any) -> Cifrado | str | None:
        return Cifrado(value) if value else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if self.attname in model_instance.get_deferred_fields():
            model_instance.refresh_from_db(fields=[self.attname])
        valor = model_instance.__dict__.get(self.attname)
        if not valor:
            return valor
        contexto = self.contexto(model_instance)
        if isinstance(valor, Cifrado) and valor.contexto == contexto:
            return valor
        # New text, or a row copied under another key or organisation.
        texto = getattr(model_instance, self.attname)
        cifrado = Cifrado(cifrar(texto, contexto=contexto), contexto)
        model_instance.__dict__[self.attname] = cifrado
        return cifrado

    def get_prep_value(self, value: Any) -> str | None:
        if isinstance(value, Cifrado):
            return value.envelope
        if value is None:
            return None
        if value == "":
            return ""
        raise TypeError(f"{self.name}: only save() and bulk_create() can encrypt")

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self.name} is a secret and is never serialised")

    def value_from_object(self, obj: models.Model) -> str:
        """What forms may show of it: nothing."""
        return ""

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        if data:
            setattr(instance, self.attname, data)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        kwargs.setdefault("form_class", forms.CharField)
        kwargs["widget"] = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        return super().formfield(**kwargs)

    def _amarrar(self, instance: models.Model, **_: Any) -> None:
        """Remember where a loaded value was read, in case its instance is copied."""
        valor = instance.__dict__.get(self.attname)
        if not isinstance(valor, Cifrado) or valor.contexto is not None:
            return
        if "organizacao_id" in instance.get_deferred_fields():
            return
        instance.__dict__[self.attname] = Cifrado(
            valor.envelope, self.contexto(instance)
        )
