"""Mapping a form: one page, also in a dialog, and the preview beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from conexoes.acesso import exige
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.models import Status
from conexoes.requisicao import Requisicao
from meta.forms.mapeamento import MapeamentoForm
from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from meta.services import formularios
from meta.services.formularios import amostras
from meta.services.formularios.amostras import Amostra
from meta.services.mapeamento import Alvo, aplicar, e_proprio, ler_questoes, sugerir
from meta.views.apresentacao import apresentar
from meta.views.formularios import (
    ACAO,
    buscar_formulario,
    buscar_mapeamento,
    buscar_pagina,
    endereco,
)


@dataclass
class Assunto:
    """What is being mapped: a form, or with ``todos:`` every other one of its page."""

    organizacao: Any
    pagina: PaginaMeta
    form_id: str
    formulario: FormularioMeta | None = None
    mapeamento: FormularioLeadAds | None = None

    @property
    def nome(self) -> str:
        return str(self.formulario or _("Todos os outros formulários da página"))

    @property
    def de_varios(self) -> bool:
        return self.form_id == formularios.todos_os(self.pagina)

    @cached_property
    def perguntas(self) -> list[dict[str, Any]]:
        return formularios.perguntas_de(self.organizacao, self.pagina, self.form_id)

    @cached_property
    def amostras(self) -> list[Amostra]:
        return amostras.ultimas(self.organizacao, self.pagina, self.form_id)

    @cached_property
    def alvos(self) -> dict[str, Alvo]:
        return formularios.alvos_da(self.organizacao)

    def novidades(self) -> list[str]:
        """Keys of questions that came after the mapping was saved."""
        if self.mapeamento is None:
            return []
        novas = formularios.novidades(self.mapeamento, self.formulario)
        return [questao.chave for questao in novas]


@require_http_methods(["GET", "POST"])
@exige(ACAO)
def novo(request: Requisicao, formulario_id: UUID) -> HttpResponse:
    formulario = buscar_formulario(request, formulario_id)
    return _mapear_o_novo(request, _do_formulario(request, formulario))


@require_http_methods(["GET", "POST"])
@exige(ACAO)
def padrao(request: Requisicao, pagina_id: UUID) -> HttpResponse:
    pagina = buscar_pagina(request, pagina_id)
    form_id = formularios.todos_os(pagina)
    return _mapear_o_novo(request, Assunto(request.organizacao, pagina, form_id))


@require_http_methods(["GET", "POST"])
@exige(ACAO)
def editar(request: Requisicao, mapeamento_id: UUID) -> HttpResponse:
    mapeamento = buscar_mapeamento(request, mapeamento_id)
    formulario = (
        FormularioMeta.da(request.organizacao)
        .filter(form_id=mapeamento.form_id)
        .select_related("pagina__conexao")
        .first()
    )
    assunto = Assunto(
        *(request.organizacao, mapeamento.pagina, mapeamento.form_id),
        *(formulario, mapeamento),
    )
    return _mapear(request, assunto)


@require_GET
@exige(ACAO)
def etapas(request: Requisicao) -> HttpResponse:
    form = MapeamentoForm(
        request.GET,
        organizacao=request.organizacao,
        questoes=[],
        alvos={},
        sugestoes=[],
    )
    return render(request, "meta/_etapa.html", {"form": form})


@require_POST
@exige(ACAO)
def previa(request: Requisicao, pagina_id: UUID) -> HttpResponse:
    pagina = buscar_pagina(request, pagina_id)
    form_id = request.POST.get("form_id", "").replace("\x00", "")[:60]
    formulario = (
        FormularioMeta.da(request.organizacao)
        .filter(pagina=pagina, form_id=form_id)
        .first()
    )
    assunto = Assunto(request.organizacao, pagina, form_id, formulario)
    return _previa(request, assunto)


@require_POST
@exige(ACAO)
def amostra(request: Requisicao, formulario_id: UUID) -> HttpResponse:
    formulario = buscar_formulario(request, formulario_id)
    amostras.pedir_amostra(formulario)
    if not request.htmx:
        return redirect("meta:mapear", formulario.pk)
    return _previa(request, _do_formulario(request, formulario))


def _previa(request: Requisicao, assunto: Assunto) -> HttpResponse:
    contexto = _contexto_da_previa(assunto, _formulario(assunto, request.POST))
    return render(request, "meta/_previa.html", contexto)


def _mapear_o_novo(request: Requisicao, assunto: Assunto) -> HttpResponse:
    assunto.mapeamento = formularios.existente(request.organizacao, assunto.form_id)
    if assunto.mapeamento and request.method == "GET":
        return redirect("meta:mapeamento", assunto.mapeamento.pk)
    return _mapear(request, assunto)


def _mapear(request: Requisicao, assunto: Assunto) -> HttpResponse:
    dados = request.POST if request.method == "POST" else None
    form = _formulario(assunto, dados)
    if dados is not None and "sugestoes" in dados:
        form = _formulario(assunto, form.com_sugestoes())
        return _pagina(request, assunto, form)
    if dados is not None and form.is_valid():
        assunto.mapeamento = formularios.para_salvar(assunto.pagina, assunto.form_id)
        if (conflito := _versoes(request, assunto)["conflito"]) and (
            conflito.marca != dados.get("por_cima")
        ):
            return _pagina(request, assunto, form, status=422)
        try:
            if assunto.mapeamento:
                formularios.alterar(
                    assunto.mapeamento, form.pedido(), autor=request.user
                )
            else:
                formularios.mapear(
                    assunto.pagina, assunto.form_id, form.pedido(), autor=request.user
                )
        except ErroDeDominio as erro:
            form.add_error(None, erro.mensagem)
            return _pagina(request, assunto, form, status=422)
        return _pronto(request, assunto)
    return _pagina(request, assunto, form, status=422 if form.is_bound else 200)


def _pagina(
    request: Requisicao, assunto: Assunto, form: MapeamentoForm, status: int = 200
) -> HttpResponse:
    contexto = {
        "form": form,
        "assunto": assunto,
        **_versoes(request, assunto),
        "no_dialogo": bool(request.htmx),
        "volta": endereco(assunto.pagina),
        "avisos": (
            formularios.avisos_do_destino(assunto.mapeamento)
            if assunto.mapeamento
            else []
        ),
        **_contexto_da_previa(assunto, form),
    }
    pagina = "meta/_mapeamento.html" if request.htmx else "meta/mapeamento.html"
    return render(request, pagina, contexto, status=status)


def _versoes(request: Requisicao, assunto: Assunto) -> dict[str, Any]:
    """What the person began from, and what was saved since then, if anything was."""
    agora = formularios.versao_de(assunto.mapeamento)
    visto = agora.marca if request.method == "GET" else request.POST.get("visto", "")
    return {
        "visto": visto,
        "conflito": agora if agora.marca and agora.marca != visto else None,
    }


def _pronto(request: Requisicao, assunto: Assunto) -> HttpResponse:
    aviso = _("Mapeamento salvo.")
    if not request.htmx:
        messages.success(request, aviso)
        return redirect(endereco(assunto.pagina))
    resposta = trigger_client_event(HttpResponse(status=204), "fechar-ja", {})
    return com_aviso(resposta, aviso)


def _do_formulario(request: Requisicao, formulario: FormularioMeta) -> Assunto:
    return Assunto(
        *(request.organizacao, formulario.pagina, formulario.form_id), formulario
    )


def _formulario(assunto: Assunto, dados: Any) -> MapeamentoForm:
    proprios = [alvo for chave, alvo in assunto.alvos.items() if e_proprio(chave)]
    vistas = [amostra.respostas for amostra in assunto.amostras]
    return MapeamentoForm(
        dados,
        organizacao=assunto.organizacao,
        questoes=ler_questoes(assunto.perguntas),
        alvos=assunto.alvos,
        sugestoes=sugerir(
            *(assunto.perguntas, proprios, vistas), de_varios=assunto.de_varios
        ),
        inicial=_inicial(assunto.mapeamento) if assunto.mapeamento else None,
        novas=assunto.novidades(),
    )


def _inicial(mapeamento: FormularioLeadAds) -> dict[str, Any]:
    return {
        "funil": mapeamento.funil_id,
        "etapa_destino": mapeamento.etapa_destino_id,
        "owner": mapeamento.owner_id,
        "tags": ", ".join(mapeamento.tags_automaticas),
        "criar_oportunidade": mapeamento.criar_oportunidade,
        "notificar_owner": mapeamento.notificar_owner,
        "mapeamento_campos": mapeamento.mapeamento_campos,
    }


def _contexto_da_previa(assunto: Assunto, form: MapeamentoForm) -> dict[str, Any]:
    """The newest real lead through what is chosen now, or how to get one."""
    escolhidos = form.mapeamento()
    contexto: dict[str, Any] = {
        "assunto": assunto,
        "repetidos": _repetidos(assunto, form),
        "sem_contato": not {"telefone", "email"} & set(escolhidos.values()),
        "amostra": next(iter(assunto.amostras), None),
    }
    if assunto.amostras:
        campos = formularios.conferir_campos(assunto.organizacao, escolhidos)
        respostas = assunto.amostras[0].respostas
        preenchido = aplicar(campos, assunto.perguntas, respostas)
        contexto["linhas"] = [
            linha | {"campo": form.alvos[linha["alvo"]].nome if linha["alvo"] else ""}
            for linha in apresentar(preenchido)
        ]
    elif assunto.formulario:
        pedido = amostras.pedidos_de(assunto.formulario).first()
        contexto["buscando"] = bool(
            pedido and pedido.status in (Status.PENDENTE, Status.PROCESSANDO)
        )
        contexto["buscada"] = bool(pedido and pedido.status == Status.CONCLUIDO)
        contexto["problema"] = pedido.ultimo_erro if pedido else ""
    return contexto


def _repetidos(assunto: Assunto, form: MapeamentoForm) -> list[tuple[Any, str]]:
    if assunto.de_varios:
        return []
    return [(alvo.nome, ", ".join(quais)) for alvo, quais in form.repetidos()]
