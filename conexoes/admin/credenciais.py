"""Global credentials: written here, never read back, tried with one button."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from conexoes import auditoria, credenciais, provedores, repeticao
from conexoes.admin.leitura import Discreta, momento, selo
from conexoes.erros import CredencialInvalida, ErroConexoes
from conexoes.middleware import sem_transacao
from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema


class CredencialForm(forms.ModelForm):  # type: ignore[type-arg]
    """The provider is picked from those that have a credential to set."""

    url = forms.URLField(
        label=gettext_lazy("Endereço"),
        assume_scheme="https",
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = CredencialGlobal
        fields: ClassVar[list[str]] = ["provedor", "url", "segredo"]

    def clean(self) -> dict[str, Any]:
        """A key is never sent to an address it was not given for."""
        dados = super().clean() or self.cleaned_data
        nova_chave = self.data.get(self.add_prefix("segredo"))
        if self.instance.segredo and "url" in self.changed_data and not nova_chave:
            self.add_error(
                "segredo", _("O endereço mudou: informe também a chave deste servidor.")
            )
        return dados

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "provedor" in self.fields:
            opcoes = [
                (p.credencial, p.nome) for p in provedores.todos() if p.credencial
            ]
            self.fields["provedor"] = forms.ChoiceField(
                label=_("Provedor"), choices=opcoes, widget=UnfoldAdminSelectWidget
            )
        self.fields["segredo"].widget = UnfoldAdminPasswordWidget(
            attrs={"autocomplete": "new-password"}
        )
        if self.instance.segredo:
            self.fields["segredo"].help_text = _(
                "Há uma chave guardada, que ninguém lê. Em branco, ela continua."
            )


@admin.register(CredencialGlobal)
class CredencialGlobalAdmin(Discreta):
    form = CredencialForm
    escondidas = ("segredo",)
    list_display = ["nome", "provedor", "url", "situacao", "testada", "mudada"]
    readonly_fields = ["situacao", "testada"]
    fields = ["provedor", "url", "segredo", "situacao", "testada"]

    @admin.display(description=gettext_lazy("integração"))
    def nome(self, credencial: CredencialGlobal) -> str:
        nomes = [p.nome for p in _servidos(credencial.provedor)]
        return ", ".join(nomes) or _("Nenhuma instalada")

    @admin.display(description=gettext_lazy("situação"))
    def situacao(self, credencial: CredencialGlobal) -> SafeString:
        if credencial.problema:
            return selo(credencial.problema, "erro")
        if credencial.testada_em:
            return selo(_("Funcionando"), "ok")
        return selo(_("Nunca testada"), "info")

    @admin.display(description=gettext_lazy("último teste"))
    def testada(self, credencial: CredencialGlobal) -> str:
        return momento(credencial.testada_em)

    @admin.display(description=gettext_lazy("atualizada em"))
    def mudada(self, credencial: CredencialGlobal) -> str:
        return momento(credencial.atualizado_em)

    def get_readonly_fields(
        self, request: HttpRequest, obj: CredencialGlobal | None = None
    ) -> list[str]:
        return [*self.readonly_fields, "provedor"] if obj else self.readonly_fields

    def save_model(
        self, request: HttpRequest, obj: CredencialGlobal, form: Any, change: bool
    ) -> None:
        obj.problema = ""
        super().save_model(request, obj, form, change)
        self._auditar("credencial.alterada", request, obj, campos=form.changed_data)
        credenciais.esquecer_problema(obj.provedor)
        _retomar(obj.provedor)
        request.credencial_salva = obj.pk  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: CredencialGlobal) -> None:
        self._auditar("credencial.removida", request, obj)
        super().delete_model(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # One by one, so that each removal is audited.
        return obj is not None and super().has_delete_permission(request, obj)

    @staticmethod
    def _auditar(
        acao: str, request: HttpRequest, obj: CredencialGlobal, **detalhes: Any
    ) -> None:
        auditoria.registrar(
            acao,
            autor=request.user,
            objeto=obj.provedor,
            ip=auditoria.endereco_ip(request),
            **detalhes,
        )

    @sem_transacao
    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._salvar_e_testar(super().add_view, request, *args, **kwargs)

    @sem_transacao
    def change_view(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        return self._salvar_e_testar(super().change_view, request, *args, **kwargs)

    def _salvar_e_testar(
        self,
        view: Callable[..., HttpResponse],
        request: HttpRequest,
        *args: Any,
        **kwargs: Any,
    ) -> HttpResponse:
        """Run the admin's own view in its transaction; ask the server after it."""
        with sistema("admin"):
            resposta = view(request, *args, **kwargs)
            if isinstance(resposta, SimpleTemplateResponse):
                # It reads rows while it is drawn.
                resposta = resposta.render()
        if salva := getattr(request, "credencial_salva", None):
            self._testar(request, salva)
        return resposta

    def get_urls(self) -> list[URLPattern]:
        testar = path(
            "<uuid:pk>/testar/",
            self.admin_site.admin_view(sem_transacao(require_POST(self.testar))),
            name="conexoes_credencialglobal_testar",
        )
        return [testar, *super().get_urls()]

    def testar(self, request: HttpRequest, pk: Any) -> HttpResponse:
        self._testar(request, pk)
        volta = reverse("admin:conexoes_credencialglobal_change", args=[pk])
        return HttpResponseRedirect(volta)

    def _testar(self, request: HttpRequest, pk: Any) -> None:
        """One call with the stored key, at most 5 s, outside any transaction."""
        with sistema("admin"):
            credencial = CredencialGlobal.objects.filter(pk=pk).first()
        if credencial is None:
            raise Http404
        testar = _teste(credencial.provedor)
        if testar is None:
            messages.warning(request, _("Nenhuma integração instalada a testa."))
            return
        try:
            resposta = testar(credencial)
        except ErroConexoes as erro:
            if isinstance(erro, CredencialInvalida):
                credenciais.marcar_problema(credencial.provedor, erro.mensagem)
            messages.error(request, _("Não funcionou: %s") % erro.mensagem)
        else:
            credenciais.marcar_testada(credencial.provedor)
            with sistema("admin"):
                _retomar(credencial.provedor)
            resultado, *ressalvas = resposta.splitlines()
            messages.success(request, resultado)
            for ressalva in ressalvas:
                messages.warning(request, ressalva)
        with sistema("admin"):
            self._auditar("credencial.testada", request, credencial)


def _servidos(credencial: str) -> list[provedores.Provedor]:
    """The installed integrations that work with it: several, one or none."""
    return [p for p in provedores.todos() if p.credencial == credencial]


def _teste(credencial: str) -> Callable[[Any], str] | None:
    testes = (p.testar_credencial for p in _servidos(credencial))
    return next(filter(None, testes), None)


def _retomar(credencial: str) -> None:
    for provedor in _servidos(credencial):
        repeticao.retomar_destinos(f"{provedor.slug}.")
