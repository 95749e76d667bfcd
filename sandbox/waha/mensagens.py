"""Texts in and out, and the ticks that follow them."""

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.relogio import RELOGIO
from sandbox.waha import payloads
from sandbox.waha.entregas import CARTEIRO
from sandbox.waha.erros import invalido
from sandbox.waha.estado import CONECTADA, ESTADO, Mensagem, Pessoa, Sessao
from sandbox.waha.numeros import (
    chat_do_numero,
    digitos,
    existe,
    normalizar_chat,
)
from sandbox.waha.sessoes import AcaoImpossivel, publicar_mensagem

ERRO, PENDENTE, SERVIDOR, ENTREGUE, LIDA = -1, 0, 1, 2, 3
LOJA = (
    'Enable NOWEB store "config.noweb.store.enabled=True" and '
    '"config.noweb.store.full_sync=True" when starting a new session.\n'
    "Read more: https://waha.devlike.pro/docs/engines/noweb#store"
)


def enviar_pela_api(
    sessao: Sessao, chat: str, texto: str, responde_a: str
) -> dict[str, Any]:
    """Accept a text (201 is not yet delivered) and echo it with source api."""
    with ESTADO.trava:
        chat = normalizar_chat(chat)
        pessoa = _dono_do_chat(sessao, chat)
        mensagem = Mensagem(
            id_curto=f"3EB0{secrets.token_hex(9).upper()}",
            chat=chat,
            texto=texto,
            de_mim=True,
            origem="api",
            ack=PENDENTE,
            pessoa=pessoa,
            responde_a=sessao.mensagem(responde_a.rsplit("_", 1)[-1]),
            chega=pessoa is not None,
        )
        sessao.mensagens.append(mensagem)
        publicar_mensagem(sessao, mensagem)
        RELOGIO.depois(0.3, lambda: avancar(sessao, mensagem, SERVIDOR))
        if sessao.automatico:
            _seguir_sozinha(sessao, mensagem)
        return payloads.resposta_de_envio(mensagem)


def escrever_como_cliente(
    sessao: Sessao, pessoa: Pessoa, texto: str, por_lid: bool, responde_a: str
) -> Mensagem:
    """The customer writes. With the phone offline it arrives when that is back."""
    with ESTADO.trava:
        _exigir_pareada(sessao)
        sessao.pessoas[pessoa.lid] = pessoa
        mensagem = Mensagem(
            id_curto=f"3EB0{secrets.token_hex(8).upper()}",
            chat=pessoa.lid if por_lid else chat_do_numero(pessoa.numero),
            texto=texto,
            de_mim=False,
            origem="cliente",
            ack=ENTREGUE,
            pessoa=pessoa,
            responde_a=sessao.mensagem(responde_a),
        )
        sessao.mensagens.append(mensagem)
        if sessao.status == CONECTADA:
            publicar_mensagem(sessao, mensagem)
        else:
            sessao.a_chegar.append(mensagem)
        return mensagem


def escrever_pelo_celular(sessao: Sessao, pessoa: Pessoa, texto: str) -> Mensagem:
    """The owner of the account types on the phone itself: source app."""
    with ESTADO.trava:
        _exigir_pareada(sessao)
        if sessao.status != CONECTADA:
            raise AcaoImpossivel("O celular está sem internet.")
        sessao.pessoas.setdefault(pessoa.lid, pessoa)
        mensagem = Mensagem(
            id_curto=f"3A{secrets.token_hex(9).upper()}",
            chat=chat_do_numero(pessoa.numero),
            texto=texto,
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
        CARTEIRO.publicar(sessao, "message.ack", payloads.ack(mensagem))
        return True


def ligar_automatico(sessao: Sessao, ligado: bool) -> None:
    """Deliver and read by itself, what already waits included."""
    with ESTADO.trava:
        sessao.automatico = ligado
        for mensagem in sessao.mensagens if ligado else []:
            if mensagem.de_mim and mensagem.ack < LIDA:
                _seguir_sozinha(sessao, mensagem)


def do_chat(
    sessao: Sessao, chat: str, filtros: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Messages of one chat, newest first unless asked otherwise."""
    exigir_loja(sessao)
    chat = normalizar_chat(chat)
    with ESTADO.trava:
        achadas = [
            payloads.mensagem_guardada(m, sessao)
            for m in sessao.mensagens
            if m.chat == chat and m not in sessao.a_chegar
        ]
    achadas = [m for m in achadas if _passa(m, filtros)]
    if filtros.get("sortOrder", "desc") == "desc":
        achadas.reverse()
    inicio = int(filtros.get("offset") or 0)
    return achadas[inicio : inicio + int(filtros.get("limit") or 10)]


def conferir_numero(numero: str) -> dict[str, Any]:
    if not existe(numero):
        return {"numberExists": False}
    return {"numberExists": True, "chatId": chat_do_numero(numero)}


def lid(sessao: Sessao, lid_ou_numero: str) -> dict[str, str | None]:
    """Both sides of a hidden id; the side nobody knows is null."""
    exigir_loja(sessao)
    por_lid = f"{digitos(lid_ou_numero)}@lid"
    with ESTADO.trava:
        pessoa = sessao.pessoas.get(por_lid)
    conhecida = pessoa is not None and not pessoa.lid_sem_telefone
    telefone = f"{pessoa.numero}@c.us" if pessoa and conhecida else None
    return {"lid": por_lid, "pn": telefone}


def lid_do_telefone(sessao: Sessao, numero: str) -> dict[str, str | None]:
    exigir_loja(sessao)
    chat = chat_do_numero(numero)
    with ESTADO.trava:
        conhecidas = [p for p in sessao.pessoas.values() if not p.lid_sem_telefone]
    lids = [p.lid for p in conhecidas if f"{p.numero}@c.us" == chat]
    return {"lid": lids[0] if lids else None, "pn": chat}


def exigir_loja(sessao: Sessao) -> None:
    """Without its store NOWEB knows no chats and no hidden ids."""
    loja = ((sessao.config or {}).get("noweb") or {}).get("store") or {}
    if ESTADO.servidor.motor == "NOWEB" and not loja.get("enabled"):
        raise invalido(LOJA)


def _passa(mensagem: dict[str, Any], filtros: Mapping[str, str]) -> bool:
    desde = float(filtros.get("filter.timestamp.gte") or 0)
    ate = float(filtros.get("filter.timestamp.lte") or "inf")
    de_mim = filtros.get("filter.fromMe") or str(mensagem["fromMe"]).lower()
    nome = filtros.get("filter.ack") or mensagem["ackName"]
    no_prazo = desde <= mensagem["timestamp"] <= ate
    return (
        no_prazo
        and (de_mim == "true") is bool(mensagem["fromMe"])
        and str(mensagem["ackName"]) == nome
    )


def _exigir_pareada(sessao: Sessao) -> None:
    if not sessao.pareada:
        raise AcaoImpossivel("Nenhum celular está conectado a esta sessão.")


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
