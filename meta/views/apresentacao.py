"""How forms and their mappings are shown: what is said of each, and in which tone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes.models import Motivo, Status
from crm import valores
from crm.telefones import legivel
from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from meta.services import formularios
from meta.services.formularios import sincronizacao
from meta.services.mapeamento import Preenchido

# What Meta says of a form that takes no leads any more.
_NA_META: Final = {
    "ARCHIVED": gettext_lazy("Arquivado na Meta"),
    "DELETED": gettext_lazy("Apagado na Meta"),
    "DRAFT": gettext_lazy("Rascunho na Meta"),
}


@dataclass
class Cartao:
    """One form of the list: at Meta, mapped or not, and its leads."""

    nome: str
    form_id: str
    formulario: FormularioMeta | None = None
    mapeamento: FormularioLeadAds | None = None
    esperando: int = 0
    novas: int = 0
    avisos: list[str] = field(default_factory=list)

    @property
    def na_meta(self) -> Any:
        """That Meta closed the form, or nothing."""
        return _NA_META.get(self.formulario.status, "") if self.formulario else ""

    @property
    def perguntas(self) -> int:
        return len(self.formulario.perguntas) if self.formulario else 0


def contexto_da_lista(organizacao: Any, escolhida: str) -> dict[str, Any]:
    """The selected pages, and the forms of one of them."""
    paginas = list(
        PaginaMeta.da(organizacao).filter(ativo=True).order_by("page_name", "pk")
    )
    pagina = next((p for p in paginas if str(p.pk) == escolhida), None)
    pagina = pagina or next(iter(paginas), None)
    if pagina is None:
        return {"paginas": [], "pagina": None}
    cartoes = _cartoes(organizacao, pagina)
    soltos = [um for um in cartoes if um.mapeamento is None]
    padrao = _padrao(organizacao, pagina, soltos)
    return {
        "paginas": paginas,
        "pagina": pagina,
        "mapeados": [um for um in cartoes if um.mapeamento],
        "soltos": [um for um in soltos if not um.na_meta or um.esperando],
        "fechados": [um for um in soltos if um.na_meta and not um.esperando],
        "padrao": padrao,
        "esperando": sum(um.esperando for um in cartoes),
        **_leitura(pagina),
    }


def apresentar(preenchido: Preenchido) -> list[dict[str, Any]]:
    """What becomes of each answer, as people read it; nothing of what is neither
    answered nor chosen."""
    return [
        {
            "rotulo": linha.rotulo,
            "alvo": linha.alvo,
            "antes": linha.antes,
            "depois": valor_legivel(linha.alvo, linha.depois),
            "aviso": linha.aviso,
        }
        for linha in preenchido.linhas
        if linha.antes or linha.alvo
    ]


def valor_legivel(alvo: str, valor: Any) -> str:
    """A kept value: "+55 31 98888-7777", "R$ 1.234,56", "31/12/1990"."""
    if valor is None:
        return ""
    if alvo == "telefone":
        return legivel(str(valor))
    if isinstance(valor, Decimal):
        return valores.dinheiro(valor) if alvo == "valor" else valores.numero(valor)
    if isinstance(valor, date):
        return str(date_format(valor, "SHORT_DATE_FORMAT"))
    if isinstance(valor, dict):
        return " · ".join(valor.values())
    return str(valor)


def _cartoes(organizacao: Any, pagina: PaginaMeta) -> list[Cartao]:
    na_meta = {
        um.form_id: um
        for um in FormularioMeta.da(organizacao).filter(pagina=pagina).order_by("nome")
    }
    mapeados = {
        um.form_id: um
        for um in FormularioLeadAds.da(organizacao)
        .filter(pagina=pagina, deletado_em=None, padrao=False)
        .select_related("funil", "etapa_destino", "owner")
        .order_by("form_name", "pk")
    }
    esperando = formularios.esperando(organizacao, pagina)
    # A lead may come before its form was read from Meta.
    ids = dict.fromkeys([*mapeados, *na_meta, *esperando])
    cartoes = []
    for form_id in ids:
        formulario, mapeamento = na_meta.get(form_id), mapeados.get(form_id)
        cartao = Cartao(
            str(mapeamento or formulario or form_id),
            form_id,
            formulario,
            mapeamento,
            esperando.get(form_id, 0),
        )
        if mapeamento:
            cartao.novas = len(formularios.novidades(mapeamento, formulario))
            cartao.avisos = formularios.avisos_do_destino(mapeamento)
        cartoes.append(cartao)
    return cartoes


def _padrao(organizacao: Any, pagina: PaginaMeta, soltos: list[Cartao]) -> Cartao:
    """The page's default: the leads of every form that it serves wait for it."""
    form_id = formularios.todos_os(pagina)
    mapeamento = (
        FormularioLeadAds.da(organizacao)
        .filter(form_id=form_id, deletado_em=None)
        .select_related("funil", "etapa_destino", "owner")
        .first()
    )
    avisos = formularios.avisos_do_destino(mapeamento) if mapeamento else []
    return Cartao(
        _("Todos os formulários"),
        form_id,
        mapeamento=mapeamento,
        esperando=sum(um.esperando for um in soltos),
        avisos=avisos,
    )


def _leitura(pagina: PaginaMeta) -> dict[str, Any]:
    """How reading the list from Meta stands."""
    pedido = sincronizacao.pedidos_da(pagina).first()
    lida = FormularioMeta.da(pagina.organizacao_id).filter(pagina=pagina)
    ultima = lida.order_by("-lido_em").values_list("lido_em", flat=True).first()
    viva = pedido and pedido.status in (Status.PENDENTE, Status.PROCESSANDO)
    return {
        # A read that waits for its account is not going on.
        "lendo": bool(viva and pedido and pedido.motivo != Motivo.PAUSADA),
        "problema": pedido.ultimo_erro if pedido else "",
        "nunca_lida": pedido is None and ultima is None,
        "lida_em": ultima,
    }
