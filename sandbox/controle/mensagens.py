"""Commands of who writes: the customer, the group, the account's own phone."""

import base64
import binascii
from dataclasses import replace

from sandbox import retrato
from sandbox.controle.campos import (
    CampoInvalido,
    Campos,
    Comando,
    achar_mensagem,
    achar_sessao,
    ligado,
    numero,
    obrigatorio,
    telefone,
    texto,
    um_de,
)
from sandbox.waha import amostras, emendas, mensagens
from sandbox.waha.estado import Lugar, Mensagem, Pessoa, Sessao
from sandbox.waha.mensagens import Conteudo
from sandbox.waha.midias import DEFEITOS, Midia
from sandbox.waha.payloads import ACKS
from sandbox.waha.sessoes import AcaoImpossivel

NUMERO_DO_CLIENTE, NOME_DO_CLIENTE = "5531988887777", "Carlos Lima"
NUMERO_DO_CONTATO, NOME_DO_CONTATO = "5511912345678", "Bia Souza"
LATITUDE, LONGITUDE = -19.9191, -43.9386
# kind -> what the control page calls it
TIPOS = {
    "texto": "Texto",
    "imagem": "Imagem",
    "documento": "Documento",
    "audio": "Áudio",
    "video": "Vídeo",
    "figurinha": "Figurinha",
    "localizacao": "Localização",
    "contato": "Contato",
}
PRESENCAS = {
    "online": "Online",
    "typing": "Digitando",
    "recording": "Gravando áudio",
    "paused": "Parou de digitar",
    "offline": "Saiu",
}
ORIGENS = {"cliente", "app"}


def escrever_como_cliente(campos: Campos, nome: str) -> Campos:
    sem_telefone = ligado(campos, "sem_telefone", False)
    mensagem = mensagens.escrever_como_cliente(
        achar_sessao(nome),
        _pessoa(campos, sem_telefone),
        _conteudo(campos),
        por_lid=sem_telefone or ligado(campos, "lid", False),
        responde_a=texto(campos, "responde_a"),
        grupo=texto(campos, "grupo"),
    )
    return {"mensagem": retrato.mensagem(mensagem)}


def escrever_pelo_celular(campos: Campos, nome: str) -> Campos:
    mensagem = mensagens.escrever_pelo_celular(
        achar_sessao(nome), _pessoa(campos), _conteudo(campos)
    )
    return {"mensagem": retrato.mensagem(mensagem)}


def mostrar_presenca(campos: Campos, nome: str) -> None:
    estado = um_de(campos, "estado", PRESENCAS, "typing")
    mensagens.mostrar_presenca(achar_sessao(nome), _pessoa(campos), estado)


def marcar(ack: int) -> Comando:
    def fazer(campos: Campos, nome: str, mensagem: str) -> Campos:
        sessao, achada = _nossa(nome, mensagem)
        if not mensagens.avancar(sessao, achada, ack):
            raise AcaoImpossivel("Esta mensagem não pode mais mudar para esse estado.")
        return {"mensagem": retrato.mensagem(achada)}

    return fazer


def anunciar_ack(campos: Campos, nome: str, mensagem: str) -> None:
    sessao, achada = _nossa(nome, mensagem)
    ack = int(numero(campos, "valor", mensagens.LIDA, minimo=None))
    if ack not in ACKS:
        raise CampoInvalido("O ack vai de -1 a 4.")
    mensagens.anunciar_ack(sessao, achada, ack)


def reagir(campos: Campos, nome: str, mensagem: str) -> Campos:
    sessao, achada = achar_mensagem(nome, mensagem)
    origem = um_de(campos, "origem", ORIGENS, "cliente")
    emendas.reagir(sessao, achada, texto(campos, "emoji"), origem)
    return {"mensagem": retrato.mensagem(achada)}


def editar(campos: Campos, nome: str, mensagem: str) -> Campos:
    sessao, achada = achar_mensagem(nome, mensagem)
    escrito = obrigatorio(campos, "texto")
    emendas.editar(sessao, achada, escrito, _autor(campos, achada))
    return {"mensagem": retrato.mensagem(achada)}


def apagar(campos: Campos, nome: str, mensagem: str) -> Campos:
    sessao, achada = achar_mensagem(nome, mensagem)
    emendas.apagar(sessao, achada, _autor(campos, achada))
    return {"mensagem": retrato.mensagem(achada)}


def _autor(campos: Campos, mensagem: Mensagem) -> str:
    """Who wrote it, unless somebody else is to try."""
    padrao = "app" if mensagem.de_mim else "cliente"
    return um_de(campos, "origem", ORIGENS, padrao)


def _nossa(nome: str, identificador: str) -> tuple[Sessao, Mensagem]:
    sessao, achada = achar_mensagem(nome, identificador)
    if not achada.de_mim:
        raise LookupError("Mensagem não encontrada.")
    return sessao, achada


def _pessoa(campos: Campos, oculta: bool = False) -> Pessoa:
    numero_dela = telefone(campos, NUMERO_DO_CLIENTE)
    return Pessoa.do_numero(
        numero_dela, texto(campos, "nome") or NOME_DO_CLIENTE, oculta
    )


def _conteudo(campos: Campos) -> Conteudo:
    tipo = um_de(campos, "tipo", TIPOS, "texto")
    if tipo == "texto":
        return Conteudo(obrigatorio(campos, "texto"))
    if tipo == "localizacao":
        return Conteudo(lugar=_lugar(campos))
    if tipo == "contato":
        nome = texto(campos, "contato_nome") or NOME_DO_CONTATO
        fone = telefone(campos, NUMERO_DO_CONTATO, "contato_numero")
        return Conteudo(vcards=(amostras.vcard(nome, fone),))
    return Conteudo(texto(campos, "texto"), midia=_midia(campos, tipo))


def _midia(campos: Campos, tipo: str) -> Midia:
    """The sample of its kind, or the file that was sent along."""
    defeito = um_de(campos, "defeito", DEFEITOS)
    midia = replace(amostras.DE_CADA[tipo](), defeito=defeito)
    if texto(campos, "dados"):
        try:
            dados = base64.b64decode(texto(campos, "dados"), validate=True)
        except binascii.Error as erro:
            raise CampoInvalido("O arquivo não está em base64.") from erro
        midia = replace(midia, dados=dados)
    mimetype = texto(campos, "mimetype") or midia.mimetype
    return replace(
        midia, mimetype=mimetype, nome=texto(campos, "arquivo") or midia.nome
    )


def _lugar(campos: Campos) -> Lugar:
    latitude = numero(campos, "latitude", LATITUDE, minimo=None)
    longitude = numero(campos, "longitude", LONGITUDE, minimo=None)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise CampoInvalido("Esse lugar não existe no mapa.")
    return Lugar(latitude, longitude, texto(campos, "lugar"))


ROTAS: dict[str, Comando] = {
    "cliente": escrever_como_cliente,
    "celular": escrever_pelo_celular,
    "presenca": mostrar_presenca,
    "mensagens/<str:mensagem>/entregar": marcar(mensagens.ENTREGUE),
    "mensagens/<str:mensagem>/ler": marcar(mensagens.LIDA),
    "mensagens/<str:mensagem>/recusar": marcar(mensagens.ERRO),
    "mensagens/<str:mensagem>/ack": anunciar_ack,
    "mensagens/<str:mensagem>/reagir": reagir,
    "mensagens/<str:mensagem>/editar": editar,
    "mensagens/<str:mensagem>/apagar": apagar,
}
