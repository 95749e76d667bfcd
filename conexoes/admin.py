"""The super admin's view: global credentials, and work as it stands, read-only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conexoes import auditoria, credenciais, provedores, recursos, repeticao
from conexoes.erros import CredencialInvalida, ErroConexoes
from conexoes.middleware import sem_transacao
from conexoes.models import (
    CredencialGlobal,
    EventoPendente,
    RecursoDaOrganizacao,
    RegistroAuditoria,
    WebhookRecebido,
)
from conexoes.tenancy import sistema

admin.site.site_header = "Conexões"
admin.site.site_title = "Conexões"
admin.site.index_title = _("Administração do sistema")


class CredencialForm(forms.ModelForm):  # type: ignore[type-arg]
    """The provider is picked from those that have a credential to set."""

    url = forms.URLField(label=_("Endereço"), assume_scheme="https")

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
                label=_("Provedor"), choices=opcoes
            )


@admin.register(CredencialGlobal)
class CredencialGlobalAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = CredencialForm
    list_display = ["provedor", "url", "situacao", "testada_em", "atualizado_em"]
    readonly_fields = ["problema", "testada_em"]
    fields = ["provedor", "url", "segredo", "problema", "testada_em"]

    @admin.display(description=_("situação"))
    def situacao(self, credencial: CredencialGlobal) -> str:
        return credencial.problema or _("Sem problemas conhecidos")

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
        provedor = _provedor(credencial.provedor)
        try:
            resposta = provedor.testar_credencial(credencial)
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


class ComRepeticao(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that stopped may be run again, one audited line each."""

    actions = ["repetir"]

    @admin.action(description=_("Processar de novo o que está parado"))
    def repetir(self, request: HttpRequest, linhas: Any) -> None:
        feitas = 0
        for linha in linhas:
            try:
                repeticao.tentar_agora(linha)
            except ErroConexoes as erro:
                messages.warning(request, f"{linha}: {erro.mensagem}")
                continue
            feitas += 1
            auditoria.registrar(
                "fila.repetida",
                organizacao=linha.organizacao_id,
                autor=request.user,
                objeto=f"{linha.destino}:{linha.pk}",
                ip=auditoria.endereco_ip(request),
            )
        if feitas:
            messages.success(request, _("Itens recolocados na fila: %d.") % feitas)


class SoLeitura(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only the engine writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(EventoPendente)
class EventoPendenteAdmin(ComRepeticao, SoLeitura):
    list_display = [
        "criado_em",
        "organizacao",
        "tipo",
        "status",
        "motivo",
        "tentativas",
        "proxima_tentativa",
        "ultimo_erro",
    ]
    list_filter = ["status", "motivo", "tipo"]
    list_select_related = ["organizacao"]
    # Message texts stay with their organisation.
    exclude = ["payload"]
    show_full_result_count = False


@admin.register(WebhookRecebido)
class WebhookRecebidoAdmin(ComRepeticao, SoLeitura):
    list_display = [
        "criado_em",
        "organizacao",
        "endpoint",
        "status",
        "motivo",
        "tentativas",
        "ultimo_erro",
    ]
    list_filter = ["status", "motivo"]
    list_select_related = ["organizacao"]
    exclude = ["corpo"]
    show_full_result_count = False


@admin.register(RegistroAuditoria)
class RegistroAuditoriaAdmin(SoLeitura):
    list_display = ["em", "organizacao", "autor_nome", "acao", "objeto", "ip"]
    list_filter = ["acao"]
    list_select_related = ["organizacao"]
    show_full_result_count = False


class RecursoForm(forms.ModelForm):  # type: ignore[type-arg]
    """The feature is picked from those that an integration declares."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "recurso" in self.fields:
            opcoes = [(r.slug, r.nome) for r in recursos.todos().values()]
            self.fields["recurso"] = forms.ChoiceField(
                label=_("Recurso"), choices=opcoes
            )


@admin.register(RecursoDaOrganizacao)
class RecursoDaOrganizacaoAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = RecursoForm
    fields = ["organizacao", "recurso", "ativo"]
    list_display = ["organizacao", "recurso", "ativo", "atualizado_em"]
    list_filter = ["recurso", "ativo"]
    list_select_related = ["organizacao"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: RecursoDaOrganizacao | None = None
    ) -> list[str]:
        return ["organizacao", "recurso"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Switched, so that each change is audited.
        return False

    def save_model(
        self, request: HttpRequest, obj: RecursoDaOrganizacao, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            ip = auditoria.endereco_ip(request)
            recursos.contar(obj, autor=request.user, ip=ip)


def _provedor(credencial: str) -> Any:
    return next(p for p in provedores.todos() if p.credencial == credencial)


def _retomar(credencial: str) -> None:
    repeticao.retomar_destinos(f"{_provedor(credencial).slug}.")
