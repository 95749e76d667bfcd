"""People: who they are, what they may do, and how they are shut out."""

from __future__ import annotations

from typing import Any, ClassVar, Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldBooleanSwitchWidget

from conexoes import auditoria
from conexoes.admin import ComBusca, Discreta
from conexoes.admin.filtros import PorOrganizacao
from conexoes.admin.leitura import momento, selo
from conexoes.erros import ErroDeDominio
from crm.models import Usuario
from crm.services import equipe


class UsuarioForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person; the password is set here and never shown.

    Whose person it is, and whether a super admin, is said once: what hangs on somebody
    cannot follow them to another organisation.
    """

    meta_lead_ads = forms.BooleanField(
        label=gettext_lazy("Pode cuidar dos formulários de leads da Meta"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    instagram_direct = forms.BooleanField(
        label=gettext_lazy("Pode conectar o Instagram Direct"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    senha = forms.CharField(
        label=gettext_lazy("Senha"),
        required=False,
        strip=False,
        max_length=128,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "Deixe em branco para manter a senha atual. Uma senha nova encerra as"
            " sessões desta pessoa."
        ),
    )

    class Meta:
        model = Usuario
        fields: ClassVar[list[str]] = [
            *("email", "nome", "organizacao", "papel", "is_superuser"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dadas = self.instance.permissoes_conexoes
        for permissao in equipe.PERMISSOES:
            if permissao in self.fields:
                self.fields[permissao].initial = bool(dadas.get(permissao))
        if self.instance._state.adding:
            self.fields["senha"].help_text = _(
                "A primeira senha: a pessoa a troca no próprio perfil."
            )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        return email

    def clean_senha(self) -> str:
        senha: str = self.cleaned_data["senha"]
        if senha:
            validate_password(senha, self.instance)
        elif self.instance._state.adding:
            raise forms.ValidationError(_("Defina a primeira senha desta pessoa."))
        return senha

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        nova = self.instance._state.adding
        if nova and bool(dados.get("organizacao")) == bool(dados.get("is_superuser")):
            raise forms.ValidationError(
                _("Super admins não têm organização; as demais pessoas têm uma.")
            )
        return dados

    @property
    def permissoes(self) -> dict[str, bool]:
        # An admin has everything: what was allowed to a member says nothing then.
        membro = self.cleaned_data.get("papel") == Usuario.Papel.MEMBER
        return {p: membro and bool(self.cleaned_data.get(p)) for p in equipe.PERMISSOES}


@admin.register(Usuario)
class UsuarioAdmin(ComBusca, Discreta):
    form = UsuarioForm
    escondidas = ("password",)
    change_form_template = "admin/pessoa.html"
    list_display = ["nome", "email", "organizacao", "acesso", "situacao"]
    list_filter = [PorOrganizacao, "papel", "is_active", "is_superuser"]
    list_filter_submit = True
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ["organizacao"]
    autocomplete_fields = ["organizacao"]
    search_fields = ["nome", "email"]
    search_help_text = gettext_lazy("Nome ou e-mail")
    _DITAS: Final = ["organizacao", "situacao", "criada_em"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["nome", "email", "organizacao", "papel", "is_superuser", "senha"]
        if obj.is_superuser:
            return ["nome", "email", "senha", "situacao", "criada_em"]
        return ["nome", "email", "papel", *equipe.PERMISSOES, "senha", *self._DITAS]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self._DITAS if obj else []

    @admin.display(description=gettext_lazy("acesso"))
    def acesso(self, pessoa: Usuario) -> str:
        return pessoa.papel_legivel

    @admin.display(description=gettext_lazy("situação"))
    def situacao(self, pessoa: Usuario) -> SafeString:
        if pessoa.is_active:
            return selo(_("Ativa"), "ok")
        return selo(_("Desativada"), "neutro")

    @admin.display(description=gettext_lazy("criada em"))
    def criada_em(self, pessoa: Usuario) -> str:
        return momento(pessoa.criado_em)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # What others point at is deactivated, never deleted.
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ErroDeDominio as erro:
            messages.error(request, erro.mensagem)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(
        self, request: HttpRequest, obj: Any, form: UsuarioForm, change: bool
    ) -> None:
        senha = form.cleaned_data["senha"]
        if senha:
            obj.set_password(senha)
        if not change:
            super().save_model(request, obj, form, change)
            self._registrar(request, "usuario.criado", obj, campos=form.changed_data)
            return
        guardada = Usuario.objects.get(pk=obj.pk)
        if not guardada.is_superuser:
            equipe.alterar(
                guardada,
                nome=obj.nome,
                papel=obj.papel,
                permissoes=form.permissoes,
                autor=request.user,  # type: ignore[arg-type]
            )
        proprios = {"email", "senha"} | ({"nome"} if obj.is_superuser else set())
        mudados = [campo for campo in form.changed_data if campo in proprios]
        if not mudados:
            return
        colunas = {"senha": "password"}
        obj.save(update_fields=[*(colunas.get(c, c) for c in mudados), "atualizado_em"])
        if "email" in mudados:
            # The old address must not open the account any more.
            EmailAddress.objects.filter(user_id=obj.pk).delete()
        self._registrar(request, "usuario.alterado", obj, campos=mudados)

    def get_urls(self) -> list[URLPattern]:
        paginas = {
            "desativar": require_http_methods(["GET", "POST"])(self.desativar),
            "reativar": require_POST(self.reativar),
            "sessoes": require_POST(self.encerrar_sessoes),
        }
        rotas = [
            path(
                f"<uuid:pk>/{nome}/",
                self.admin_site.admin_view(view),
                name=f"crm_usuario_{nome}",
            )
            for nome, view in paginas.items()
        ]
        return [*rotas, *super().get_urls()]

    def desativar(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        pessoa = _achar(pk)
        recusa = ""
        if request.method == "POST":
            try:
                equipe.desativar(
                    pessoa,
                    conversas_para=_herdeiro(request, pessoa),
                    autor=request.user,  # type: ignore[arg-type]
                )
            except ErroDeDominio as erro:
                recusa = erro.mensagem
            else:
                texto = _("%(nome)s não entra mais no sistema.") % {"nome": pessoa.nome}
                messages.success(request, texto)
                return self._de_volta(pk)
        contexto = {
            **self.admin_site.each_context(request),
            "title": _("Desativar %(nome)s") % {"nome": pessoa.nome},
            "opts": self.opts,
            "pessoa": pessoa,
            "alcance": equipe.alcance(pessoa),
            "colegas": _colegas(pessoa),
            "recusa": recusa,
        }
        return TemplateResponse(
            request,
            "admin/desativar_pessoa.html",
            contexto,
            status=422 if recusa else 200,
        )

    def reativar(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        pessoa = _achar(pk)
        equipe.reativar(pessoa, autor=request.user)  # type: ignore[arg-type]
        texto = _("%(nome)s pode entrar de novo.") % {"nome": pessoa.nome}
        messages.success(request, texto)
        return self._de_volta(pk)

    def encerrar_sessoes(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        pessoa = _achar(pk)
        equipe.encerrar_sessoes(pessoa, autor=request.user)  # type: ignore[arg-type]
        texto = _("%(nome)s saiu de todos os aparelhos.") % {"nome": pessoa.nome}
        messages.success(request, texto)
        return self._de_volta(pk)

    def _de_volta(self, pk: UUID) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:crm_usuario_change", args=[pk]))

    @staticmethod
    def _registrar(
        request: HttpRequest, acao: str, pessoa: Usuario, **detalhes: Any
    ) -> None:
        auditoria.registrar(
            acao,
            organizacao=pessoa.organizacao_id,
            autor=request.user,
            objeto=f"usuario:{pessoa.pk}",
            ip=auditoria.endereco_ip(request),
            **detalhes,
        )


def _achar(pk: UUID) -> Usuario:
    pessoa = Usuario.objects.select_related("organizacao").filter(pk=pk).first()
    if pessoa is None:
        raise Http404
    return pessoa


def _colegas(pessoa: Usuario) -> QuerySet[Usuario]:
    todos = Usuario.objects.filter(organizacao=pessoa.organizacao_id, is_active=True)
    return todos.exclude(pk=pessoa.pk).order_by("nome")


def _herdeiro(request: HttpRequest, pessoa: Usuario) -> Usuario | None:
    pedido = request.POST.get("conversas_para", "")
    if not pedido:
        return None
    try:
        achado = _colegas(pessoa).filter(pk=UUID(pedido)).first()
    except ValueError:
        raise Http404 from None
    if achado is None:
        raise Http404
    return achado
