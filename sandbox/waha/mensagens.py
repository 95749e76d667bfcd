"""Messages in and out, and the ticks that follow them."""

import secrets
from dataclasses import dataclass

from sandbox.relogio import RELOGIO
from sandbox.waha import payloads
from sandbox.waha.entregas import CARTEIRO
from sandbox.waha.estado import (
    CONECTADA,
    ESTADO,
    Grupo,
    Lugar,
    Mensagem,
    Pessoa,
    Sessao,
)
from sandbox.waha.midias import Midia
from sandbox.waha.numeros import chat_do_numero, digitos, existe, normalizar_chat
from sandbox.waha.sessoes import AcaoImpossivel, exigir, publicar_mensagem

ERRO, PENDENTE, SERVIDOR, ENTREGUE, LIDA, OUVIDA = -1, 0, 1, 2, 3, 4
GRUPO, NOME_DO_GRUPO = "120363000000000001@g.us", "Família Lima"
SEM_INTERNET = "O celular está sem internet."


@dataclass(frozen=True)
class Conteudo:
    """What a message says; of medium, place and cards at most one."""

    texto: str = ""
    midia: Midia | None = None
    lugar: Lugar | None = None
    vcards: tuple[str, ...] = ()


def novo_id(prefixo: str = "3EB0", octetos: int = 9) -> str:
    """The phone's own begin with 3A, linked devices' with 3EB0."""
    return f"{prefixo}{secrets.token_hex(octetos).upper()}"


def enviar_pela_api(
    sessao: Sessao, chat: str, conteudo: Conteudo, responde_a: str
) -> Mensagem:
    """Accept a message (201 is not yet delivered) and echo it with source api."""
    with ESTADO.trava:
        chat = normalizar_chat(chat)
        pessoa = _dono_do_chat(sessao, chat)
        mensagem = Mensagem(
            id_curto=novo_id(),
            chat=chat,
            **vars(conteudo),
            de_mim=True,
            origem="api",
            ack=PENDENTE,
            pessoa=pessoa,
            responde_a=sessao.mensagem(responde_a) if responde_a else None,
            chega=pessoa is not None or chat in sessao.grupos,
            participante=_nos(sessao, chat),
        )
        sessao.digitando.discard(chat)
        sessao.mensagens.append(mensagem)
        publicar_mensagem(sessao, mensagem)
        RELOGIO.depois(0.3, lambda: avancar(sessao, mensagem, SERVIDOR))
        if sessao.automatico:
            _seguir_sozinha(sessao, mensagem)
        return mensagem


def escrever_como_cliente(
    sessao: Sessao,
    pessoa: Pessoa,
    conteudo: Conteudo,
    *,
    por_lid: bool,
    responde_a: str,
    grupo: str = "",
) -> Mensagem:
    """The customer writes, in a group when it has a name. With the phone offline it
    arrives when that is back; from a group only if the session minds groups."""
    with ESTADO.trava:
        _exigir_pareada(sessao)
        sessao.pessoas[pessoa.lid] = pessoa
        no_grupo = _entrar_no_grupo(sessao, pessoa, grupo) if grupo else None
        chat = pessoa.lid if por_lid else chat_do_numero(pessoa.numero)
        mensagem = Mensagem(
            id_curto=novo_id(octetos=8),
            chat=no_grupo.id if no_grupo else chat,
            **vars(conteudo),
            de_mim=False,
            origem="cliente",
            ack=ENTREGUE,
            pessoa=pessoa,
            responde_a=sessao.mensagem(responde_a) if responde_a else None,
            participante=pessoa.lid if no_grupo else "",
            ignorada=no_grupo is not None and ignora_grupos(sessao),
        )
        sessao.mensagens.append(mensagem)
        if sessao.status == CONECTADA:
            publicar_mensagem(sessao, mensagem)
        else:
            sessao.a_chegar.append(mensagem)
        return mensagem


def escrever_pelo_celular(
    sessao: Sessao, pessoa: Pessoa, conteudo: Conteudo
) -> Mensagem:
    """The owner of the account types on the phone itself: source app."""
    with ESTADO.trava:
        _exigir_pareada(sessao)
        exigir(sessao, CONECTADA, SEM_INTERNET)
        sessao.pessoas.setdefault(pessoa.lid, pessoa)
        mensagem = Mensagem(
            id_curto=novo_id("3A"),
            chat=chat_do_numero(pessoa.numero),
            **vars(conteudo),
            de_mim=True,
            origem="app",
            ack=SERVIDOR,
            pessoa=pessoa,
        )
        sessao.mensagens.append(mensagem)
        publicar_mensagem(sessao, mensagem)
        if sessao.automatico:
            _seguir_sozinha(sessao, mensagem)
        return mensagem


def avancar(sessao: Sessao, mensagem: Mensagem, ack: int) -> bool:
    """Move a message of ours on and announce it; never backwards except to an error."""
    with ESTADO.trava:
        viva = ESTADO.sessoes.get(sessao.nome) is sessao
        atras = ERRO < ack <= mensagem.ack
        if not viva or atras or mensagem.ack == ERRO or sessao.status != CONECTADA:
            return False
        if ack > SERVIDOR and not mensagem.chega:
            return False
        mensagem.ack = ack
        anunciar_ack(sessao, mensagem, ack)
        return True


def anunciar_ack(sessao: Sessao, mensagem: Mensagem, ack: int) -> None:
    """Report any tick in any order; what the message itself knows stays as it is."""
    em_grupo = mensagem.chat.endswith("@g.us")
    evento = "message.ack.group" if em_grupo else "message.ack"
    CARTEIRO.publicar(sessao, evento, payloads.ack(mensagem, ack))


def ligar_automatico(sessao: Sessao, ligado: bool) -> None:
    """Deliver and read by itself, what already waits included."""
    with ESTADO.trava:
        sessao.automatico = ligado
        for mensagem in sessao.mensagens if ligado else []:
            if mensagem.de_mim and mensagem.ack < LIDA:
                _seguir_sozinha(sessao, mensagem)


def ver(sessao: Sessao, chat: str, ids: list[str]) -> list[str]:
    """Our side has read these messages, or all of the chat; their full ids."""
    with ESTADO.trava:
        curtos = {m.id_curto for i in ids if (m := sessao.mensagem(i))}
        vistas = [
            m
            for m in sessao.visiveis()
            if m.chat == normalizar_chat(chat)
            and not m.de_mim
            and (m.id_curto in curtos or not ids)
        ]
        for mensagem in vistas:
            mensagem.vista = True
        return [m.id for m in vistas]


def digitar(sessao: Sessao, chat: str, digitando: bool) -> None:
    """Our side is writing in that chat, or has stopped."""
    with ESTADO.trava:
        mudar = sessao.digitando.add if digitando else sessao.digitando.discard
        mudar(normalizar_chat(chat))


def mostrar_presenca(sessao: Sessao, pessoa: Pessoa, estado: str) -> None:
    """The customer is online, writing, recording, or gone."""
    with ESTADO.trava:
        exigir(sessao, CONECTADA, SEM_INTERNET)
        chat = chat_do_numero(pessoa.numero)
        sessao.presencas[chat] = estado
        corpo = payloads.presenca(chat, chat, estado)
        CARTEIRO.publicar(sessao, "presence.update", corpo)


def ignora_grupos(sessao: Sessao) -> bool:
    return bool(((sessao.config or {}).get("ignore") or {}).get("groups"))


def _exigir_pareada(sessao: Sessao) -> None:
    if not sessao.pareada:
        raise AcaoImpossivel("Nenhum celular está conectado a esta sessão.")


def _entrar_no_grupo(sessao: Sessao, pessoa: Pessoa, nome: str) -> Grupo:
    iguais = (g for g in sessao.grupos.values() if g.nome == nome)
    grupo = next(iguais, None)
    if grupo is None:
        numero = int(GRUPO.partition("@")[0]) + len(sessao.grupos)
        grupo = Grupo(f"{numero}@g.us", nome)
        sessao.grupos[grupo.id] = grupo
    grupo.membros[pessoa.lid] = pessoa
    return grupo


def _nos(sessao: Sessao, chat: str) -> str:
    em_grupo = chat.endswith("@g.us")
    return str((sessao.eu or {}).get("lid", "")) if em_grupo else ""


def _dono_do_chat(sessao: Sessao, chat: str) -> Pessoa | None:
    """Who gets what is sent to a chat; None when that chat is nobody's."""
    if chat.endswith("@lid"):
        return sessao.pessoas.get(chat)
    numero = digitos(chat)
    if not existe(numero) or chat_do_numero(numero) != chat:
        return None
    nova = Pessoa.do_numero(numero, "")
    return sessao.pessoas.setdefault(nova.lid, nova)


def _seguir_sozinha(sessao: Sessao, mensagem: Mensagem) -> None:
    RELOGIO.depois(0.9, lambda: avancar(sessao, mensagem, ENTREGUE))
    RELOGIO.depois(2.4, lambda: avancar(sessao, mensagem, LIDA))
