"""Global credentials: written here, never read back, tried with one button."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Field
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from conexoes import auditoria, credenciais, provedores, repeticao, webhooks
from conexoes.admin.ficha_da_credencial import (
    CredencialForm,
    colunas_de,
    formulario,
)
from conexoes.admin.leitura import Discreta, momento, selo
from conexoes.erros import CredencialInvalida, ErroConexoes
from conexoes.fichas import DE_SERVIDOR, FichaDaCredencial
from conexoes.middleware import sem_transacao
from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema


@admin.register(CredencialGlobal)
class CredencialGlobalAdmin(Discreta):
    escondidas = ("segredo", "segredo_anterior", "token_de_verificacao")
    list_display = ["nome", "provedor", "acesso", "situacao", "testada", "mudada"]
    readonly_fields = ["situacao", "testada"]

    @admin.display(description=gettext_lazy("acesso"))
    def acesso(self, credencial: CredencialGlobal) -> str:
        return credencial.identificador or credencial.url

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

    def get_fields(
        self, request: HttpRequest, obj: CredencialGlobal | None = None
    ) -> list[str]:
        ficha = _ficha(_de_qual(request, obj))
        colunas = colunas_de(ficha, existe=obj is not None)
        return ["provedor", *colunas, "situacao", "testada"]

    def get_form(
        self,
        request: HttpRequest,
        obj: CredencialGlobal | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        qual = _de_qual(request, obj)
        opcoes = list(_livres().items()) if not obj else []
        kwargs["form"] = formulario(_ficha(qual), opcoes, existe=obj is not None)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"provedor": _de_qual(request, None)}

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "url":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **kwargs: Any
    ) -> Any:
        ficha = _ficha(_de_qual(request, kwargs.get("obj")))
        context |= {"enderecos": ficha.enderecos(), "acao": ficha.acao}
        return super().render_change_form(request, context, **kwargs)

    def save_model(
        self,
        request: HttpRequest,
        obj: CredencialGlobal,
        form: CredencialForm,
        change: bool,
    ) -> None:
        obj.problema = ""
        gerados = form.gerar()
        if change and form.ficha.assina:
            credenciais.guardar_anterior(obj)
        super().save_model(request, obj, form, change)
        self._auditar("credencial.alterada", request, obj, campos=form.alterados())
        credenciais.esquecer_problema(obj.provedor)
        _retomar(obj.provedor)
        transaction.on_commit(webhooks.esquecer_segredos, robust=True)
        request.credencial_salva = obj.pk  # type: ignore[attr-defined]
        request.credencial_gerados = gerados  # type: ignore[attr-defined]

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
        with sistema("admin"):
            livres = _livres()
            if request.method == "GET" and not _de_qual(request, None):
                return self._mostrar(request, "escolher", livres=livres)
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
        salva = getattr(request, "credencial_salva", None)
        if salva is None:
            return resposta
        self._testar(request, salva)
        if gerados := request.credencial_gerados:  # type: ignore[attr-defined]
            # Now or never: a redirect would have to keep them somewhere.
            with sistema("admin"):
                return self._mostrar(request, "gerado", gerados=gerados, pk=salva)
        return resposta

    def _mostrar(
        self, request: HttpRequest, pagina: str, **contexto: Any
    ) -> HttpResponse:
        contexto |= {"title": _("Credencial global"), "opts": self.opts}
        return TemplateResponse(
            request,
            f"admin/conexoes/credencialglobal/{pagina}.html",
            self.admin_site.each_context(request) | contexto,
        ).render()

    def get_urls(self) -> list[URLPattern]:
        verbos = [
            path(
                f"<uuid:pk>/{nome}/",
                self.admin_site.admin_view(sem_transacao(require_POST(view))),
                name=f"conexoes_credencialglobal_{nome}",
            )
            for nome, view in (("testar", self.testar), ("executar", self.executar))
        ]
        return [*verbos, *super().get_urls()]

    def testar(self, request: HttpRequest, pk: Any) -> HttpResponse:
        self._testar(request, pk)
        return _de_volta(pk)

    def executar(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """What else this provider's credential can do: one call, at most 5 s."""
        credencial = _buscar(pk)
        acao = _ficha(credencial.provedor).acao
        if acao is None:
            raise Http404
        try:
            messages.success(request, acao.verbo(credencial))
        except ErroConexoes as erro:
            messages.error(request, _("Não funcionou: %s") % erro.mensagem)
        with sistema("admin"):
            self._auditar("credencial.usada", request, credencial, para=str(acao.nome))
        return _de_volta(pk)

    def _testar(self, request: HttpRequest, pk: Any) -> None:
        """One call with the stored key, at most 5 s, outside any transaction."""
        credencial = _buscar(pk)
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


def _de_volta(pk: Any) -> HttpResponse:
    volta = reverse("admin:conexoes_credencialglobal_change", args=[pk])
    return HttpResponseRedirect(volta)


def _buscar(pk: Any) -> CredencialGlobal:
    with sistema("admin"):
        credencial = CredencialGlobal.objects.filter(pk=pk).first()
    if credencial is None:
        raise Http404
    return credencial


def _livres() -> dict[str, str]:
    """The credentials that installed integrations work with and that nobody made."""
    feitas = set(CredencialGlobal.objects.values_list("provedor", flat=True))
    nomes: dict[str, str] = {}
    for provedor in provedores.todos():
        if provedor.credencial and provedor.credencial not in feitas:
            nomes.setdefault(provedor.credencial, provedor.nome)
    return nomes


def _de_qual(request: HttpRequest, obj: CredencialGlobal | None) -> str:
    """Whose the credential is, or is to be; "" while nobody said."""
    if obj:
        return obj.provedor
    livres = _livres()
    pedido = request.POST.get("provedor") or request.GET.get("provedor", "")
    return (
        pedido if pedido in livres else next(iter(livres)) if len(livres) == 1 else ""
    )


def _ficha(credencial: str) -> FichaDaCredencial:
    fichas = [provedor.ficha for provedor in _servidos(credencial)]
    return fichas[0] if fichas else DE_SERVIDOR


def _servidos(credencial: str) -> list[provedores.Provedor]:
    """The installed integrations that work with it: several, one or none."""
    return [p for p in provedores.todos() if p.credencial == credencial]


def _teste(credencial: str) -> Callable[[Any], str] | None:
    testes = (p.testar_credencial for p in _servidos(credencial))
    return next(filter(None, testes), None)


def _retomar(credencial: str) -> None:
    for provedor in _servidos(credencial):
        repeticao.retomar_destinos(f"{provedor.slug}.")
