"""People press send, and Meta tells of it: as it should, or as it sometimes does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sandbox.graph import amostras, avisos, leads
from sandbox.graph.entregas import CARTEIRO, Carta
from sandbox.graph.estado import ESTADO, Anuncio, Formulario, Lead, agora
from sandbox.relogio import RELOGIO

# How the webhook goes -> what the control page calls it.
MODOS = {
    "": "Avisar na hora",
    "perder": "E perder o webhook",
    "uma_vez": "Avisar uma vez, sem insistir",
    "duas_vezes": "Avisar duas vezes",
    "fora_de_ordem": "Avisar fora de ordem",
    "atrasado": "Avisar com atraso",
}
ORIGENS = {
    "organico": "Orgânico",
    "fb": "Anúncio no Facebook",
    "ig": "Anúncio no Instagram",
}
# Provider seconds.
ATRASO, ENTRE_TROCADOS = 30.0, 0.5
PERDIDO = "perdida de propósito"


@dataclass(frozen=True)
class Envio:
    """Forms take turns. `respostas` None: each lead is another person. Seconds of the
    provider's clock, but for `ha_segundos`: so long ago the form was sent."""

    formularios: tuple[Formulario, ...]
    respostas: Mapping[str, Sequence[str]] | None = None
    quantos: int = 1
    por_entrega: int = 1
    origem: str = "organico"
    modo: str = ""
    segundos: float = ATRASO
    consentiu: Mapping[str, bool] = field(default_factory=dict)
    ha_segundos: int = 0
    legivel_em: float = 0
    nota: str = ""


def enviar(envio: Envio) -> list[Lead]:
    novos = [_um(envio, ordem) for ordem in range(envio.quantos)]
    entregas = [
        novos[inicio : inicio + envio.por_entrega]
        for inicio in range(0, len(novos), envio.por_entrega)
    ]
    if envio.modo == "perder":
        for juntos in entregas:
            nome = juntos[0].formulario.pagina.nome
            CARTEIRO.descartar(nome, f"{len(juntos)} lead(s)", PERDIDO)
        return novos
    cartas = [CARTEIRO.avisar(juntos, envio.nota) for juntos in entregas]
    insistente = envio.modo != "uma_vez"
    _postar([replace(um, insistente=insistente) for um in cartas if um], envio)
    return novos


def avisar_de_novo(lead: Lead) -> bool:
    carta = CARTEIRO.avisar([lead])
    if carta is not None:
        CARTEIRO.postar(carta)
    return carta is not None


def apertar_teste() -> bool:
    """The dashboard's button; False if the app has no subscription."""
    if "page" not in ESTADO.app.assinaturas:
        return False
    CARTEIRO.postar(CARTEIRO.carta("Painel da Meta", "teste", avisos.do_painel()))
    return True


def _um(envio: Envio, ordem: int) -> Lead:
    id_ = ESTADO.novo_lead()
    formulario = envio.formularios[ordem % len(envio.formularios)]
    respostas = envio.respostas
    if respostas is None:
        ESTADO.estranho += 1
        quem = amostras.numero(ESTADO.estranho)
        respostas = amostras.respostas(formulario, quem)
    # Told out of order, they also say when they really came.
    antes = envio.quantos - 1 - ordem if envio.modo == "fora_de_ordem" else 0
    espera = envio.legivel_em
    return leads.nascer(
        formulario,
        respostas,
        id_=id_,
        criado_em=agora() - envio.ha_segundos - antes,
        anuncio=_anuncio(formulario, envio.origem, ordem),
        plataforma="ig" if envio.origem == "ig" else "fb",
        consentiu=envio.consentiu,
        legivel_em=RELOGIO.agora() + espera if espera else 0,
    )


def _anuncio(formulario: Formulario, origem: str, ordem: int) -> Anuncio | None:
    anuncios = formulario.pagina.anuncios
    return None if origem == "organico" else anuncios[ordem % len(anuncios)]


def _postar(cartas: list[Carta], envio: Envio) -> None:
    if envio.modo == "fora_de_ordem":
        for ordem, carta in enumerate(reversed(cartas)):
            CARTEIRO.postar(carta, ordem * ENTRE_TROCADOS)
        return
    for carta in cartas:
        CARTEIRO.postar(carta, envio.segundos if envio.modo == "atrasado" else 0)
        if envio.modo == "duas_vezes":
            CARTEIRO.postar(carta)
