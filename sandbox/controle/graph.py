"""Commands about Meta: forms sent, tokens and rights taken away, faults."""

from typing import Any, TypeVar

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from sandbox.controle.campos import (
    CampoInvalido,
    Campos,
    Comando,
    ligado,
    numero,
    texto,
    um_de,
)
from sandbox.facebook.dialogo import autorizar
from sandbox.graph import chamados, envios, leads, retrato
from sandbox.graph.api.pessoas import remover_app
from sandbox.graph.direitos import ESCOPOS
from sandbox.graph.envios import MODOS, ORIGENS, Envio
from sandbox.graph.erros import DE_190
from sandbox.graph.estado import ESTADO, Formulario, Lead, Pagina, Pergunta, Pessoa
from sandbox.graph.falhas import FALHAS, TIPOS, Falha
from sandbox.graph.rotas import OPERACOES
from sandbox.graph.semente import TUDO
from sandbox.graph.tokens import CHAVEIRO, CURTO
from sandbox.graph.uso import MINUTOS

TEMPESTADE_MAXIMA = 1000
SENHA, FUNCAO = 460, 492
RESPOSTA = "r."
T = TypeVar("T")


@require_GET
async def estado(request: HttpRequest) -> JsonResponse:
    return JsonResponse(retrato.tirar())


def enviar(campos: Campos) -> Campos:
    """Forms sent by as many people; with answers, all give the same."""
    quantos = int(numero(campos, "quantos", 1))
    por_entrega = int(numero(campos, "por_entrega", 1))
    if not 1 <= quantos <= TEMPESTADE_MAXIMA or por_entrega < 1:
        raise CampoInvalido(f"De 1 a {TEMPESTADE_MAXIMA} leads por vez.")
    com_aviso = ligado(campos, "webhook", True)
    envio = Envio(
        tuple(map(_formulario, texto(campos, "form_id").split(","))),
        _respostas(campos),
        quantos,
        por_entrega,
        um_de(campos, "origem", ORIGENS, "organico"),
        um_de(campos, "modo", MODOS) if com_aviso else "perder",
        numero(campos, "segundos", envios.ATRASO),
        _consentimentos(campos),
        int(numero(campos, "ha_segundos", 0)),
        numero(campos, "legivel_em", 0),
        texto(campos, "nota"),
    )
    ESTADO.enviados += 1
    return {"ids": [lead.id for lead in envios.enviar(envio)]}


def reenviar(campos: Campos, lead: str) -> Campos:
    return {"saiu": envios.avisar_de_novo(_lead(lead))}


def apagar(campos: Campos, lead: str) -> None:
    leads.apagar(_lead(lead))


def apertar_teste(campos: Campos) -> None:
    if not envios.apertar_teste():
        raise CampoInvalido("O app ainda não assina webhooks: não há para onde mandar.")


def ligar_falha(campos: Campos) -> Campos:
    tipo = texto(campos, "tipo")
    if not tipo:
        FALHAS.ligar(None)
        return {"falha": None}
    if tipo not in TIPOS:
        raise CampoInvalido(f"Tipo de falha desconhecido: {tipo}.")
    falha = Falha(
        tipo,
        int(numero(campos, "chamadas", 1)),
        numero(campos, "segundos", 0),
        um_de(campos, "alvo", OPERACOES),
        int(numero(campos, "minutos", MINUTOS)),
    )
    FALHAS.ligar(falha)
    return {"falha": vars(falha)}


def mudar_app(campos: Campos) -> Campos:
    """Switches of the dashboard; what is left out stays. A new secret signs from now
    on, and the old one is worth nothing."""
    app = ESTADO.app
    app.exige_prova = ligado(campos, "exige_prova", app.exige_prova)
    app.ao_vivo = ligado(campos, "ao_vivo", app.ao_vivo)
    app.nega_anuncios = ligado(campos, "nega_anuncios", app.nega_anuncios)
    app.uso = int(numero(campos, "uso", app.uso))
    app.segredo = texto(campos, "segredo") or app.segredo
    return retrato.do_app()


def dar_token(campos: Campos, pessoa: str) -> Campos:
    """As if she had gone through the dialog: all scopes and pages, or those told."""
    dona = _pessoa(pessoa)
    escopos = set(_lista(campos, "escopos") or ESCOPOS)
    todas = [pagina.id for pagina in ESTADO.paginas_de(dona)]
    autorizar(dona, list(ESCOPOS), escopos, _lista(campos, "paginas") or todas)
    segundos = int(numero(campos, "segundos", CURTO))
    return {"access_token": CHAVEIRO.da_pessoa(dona, segundos).valor}


def revogar(campos: Campos, pessoa: str) -> None:
    """She removes the app at Facebook; `avisar` lets Meta tell the product."""
    dona = _pessoa(pessoa)
    remover_app(dona)
    if ligado(campos, "avisar", False):
        chamados.desautorizar(dona, texto(campos, "url"))


def vencer(campos: Campos, pessoa: str) -> Campos:
    return {"vencidos": CHAVEIRO.vencer(_pessoa(pessoa))}


def derrubar(campos: Campos, pessoa: str) -> Campos:
    """Every token of hers dies with this subcode of 190; a password's by default."""
    subcodigo = int(numero(campos, "subcodigo", SENHA))
    if subcodigo not in DE_190 or not subcodigo:
        raise CampoInvalido(f"Subcódigo desconhecido: {subcodigo}.")
    return {"mortos": CHAVEIRO.matar(_pessoa(pessoa), subcodigo)}


def bloquear(campos: Campos, pessoa: str) -> None:
    """The account is held at a checkpoint (459), and let go again."""
    _pessoa(pessoa).bloqueio = 459 if ligado(campos, "ligado", True) else 0


def mudar_papel(campos: Campos, pagina: str) -> None:
    """Somebody loses her role on the page, or gets all of it."""
    dona, da_pagina = _pessoa(texto(campos, "pessoa")), _pagina(pagina)
    if ligado(campos, "ligado", False):
        da_pagina.papeis[dona.id] = TUDO
        return
    da_pagina.papeis.pop(dona.id, None)
    CHAVEIRO.matar(dona, FUNCAO, da_pagina)


def trancar(campos: Campos, pagina: str) -> None:
    _pagina(pagina).trancada = ligado(campos, "ligado", True)


def desinscrever(campos: Campos, pagina: str) -> None:
    _pagina(pagina).inscritos = []


def mudar_uso(campos: Campos, pagina: str) -> None:
    da_pagina = _pagina(pagina)
    da_pagina.uso = int(numero(campos, "uso", 0))
    da_pagina.minutos = int(numero(campos, "minutos", MINUTOS))
    da_pagina.cota = int(numero(campos, "cota", 0))


def perguntar(campos: Campos, formulario: str) -> Campos:
    """The form gains a question; its key comes from its words, as Meta makes it."""
    rotulo = texto(campos, "rotulo") or "Como você nos conheceu?"
    do_form = _formulario(formulario)
    key = rotulo.lower().replace(" ", "_")
    if key in {pergunta.key for pergunta in do_form.perguntas}:
        raise CampoInvalido("O formulário já faz esta pergunta.")
    ordem = len(do_form.perguntas) + 1
    do_form.perguntas.append(Pergunta(f"{do_form.id}{ordem:02d}", key, rotulo))
    return {"key": key}


def desautorizar(campos: Campos, pessoa: str) -> None:
    chamados.desautorizar(_pessoa(pessoa), texto(campos, "url"))


def pedir_exclusao(campos: Campos, pessoa: str) -> None:
    chamados.pedir_exclusao(_pessoa(pessoa), texto(campos, "url"))


def _respostas(campos: Campos) -> dict[str, list[str]] | None:
    """`respostas` of a JSON body, or a form's `r.<key>` fields: an empty one is a
    question left blank."""
    ditas = campos.get("respostas")
    if ditas is None:
        ditas = {
            nome.removeprefix(RESPOSTA).removesuffix("[]"): valor
            for nome, valor in campos.items()
            if nome.startswith(RESPOSTA)
        }
    if not isinstance(ditas, dict):
        raise CampoInvalido("As respostas não são um objeto.")
    return {nome: _valores(valor) for nome, valor in ditas.items()} or None


def _valores(valor: Any) -> list[str]:
    if isinstance(valor, list):
        return [str(um) for um in valor if um != ""]
    return [str(valor)] if valor not in ("", None) else []


def _consentimentos(campos: Campos) -> dict[str, bool]:
    """`c.<key>`, one for each checkbox that was ticked, once any is told."""
    ditos = campos.get("consentimentos")
    if isinstance(ditos, dict):
        return {str(key): bool(valor) for key, valor in ditos.items()}
    ticados = set(_lista(campos, "c[]"))
    if "c[]" not in campos:
        return {}
    formulario = _formulario(texto(campos, "form_id"))
    return {c.key: c.key in ticados for c in formulario.consentimentos}


def _lista(campos: Campos, campo: str) -> list[str]:
    valor = campos.get(campo) or []
    return [str(v) for v in valor] if isinstance(valor, list) else str(valor).split(",")


def _formulario(id_: str) -> Formulario:
    return _achar(ESTADO.formularios, id_, "Formulário não encontrado.")


def _lead(id_: str) -> Lead:
    return _achar(ESTADO.leads, id_, "Lead não encontrado.")


def _pessoa(id_: str) -> Pessoa:
    return _achar(ESTADO.pessoas, id_, "Pessoa não encontrada.")


def _pagina(id_: str) -> Pagina:
    return _achar(ESTADO.paginas, id_, "Página não encontrada.")


def _achar(acervo: dict[str, T], id_: str, queixa: str) -> T:
    if id_ not in acervo:
        raise LookupError(queixa)
    return acervo[id_]


ROTAS: dict[str, Comando] = {
    "leads": enviar,
    "leads/<str:lead>/reenviar": reenviar,
    "leads/<str:lead>/apagar": apagar,
    "teste": apertar_teste,
    "falha": ligar_falha,
    "app": mudar_app,
    "pessoas/<str:pessoa>/token": dar_token,
    "pessoas/<str:pessoa>/revogar": revogar,
    "pessoas/<str:pessoa>/vencer": vencer,
    "pessoas/<str:pessoa>/derrubar": derrubar,
    "pessoas/<str:pessoa>/bloquear": bloquear,
    "pessoas/<str:pessoa>/desautorizar": desautorizar,
    "pessoas/<str:pessoa>/exclusao": pedir_exclusao,
    "paginas/<str:pagina>/papel": mudar_papel,
    "paginas/<str:pagina>/trancar": trancar,
    "paginas/<str:pagina>/desinscrever": desinscrever,
    "paginas/<str:pagina>/uso": mudar_uso,
    "formularios/<str:formulario>/pergunta": perguntar,
}
