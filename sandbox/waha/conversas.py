"""What the server can tell of chats, people and groups: its store, read."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.waha import payloads
from sandbox.waha.erros import invalido, nao_encontrado
from sandbox.waha.estado import ESTADO, Grupo, Mensagem, Sessao
from sandbox.waha.numeros import (
    chat_do_numero,
    digitos,
    existe,
    normalizar_chat,
)

LOJA = (
    'Enable NOWEB store "config.noweb.store.enabled=True" and '
    '"config.noweb.store.full_sync=True" when starting a new session.\n'
    "Read more: https://waha.devlike.pro/docs/engines/noweb#store"
)
Filtros = Mapping[str, str]


def exigir_loja(sessao: Sessao) -> None:
    """Without its store NOWEB knows no chats and no hidden ids."""
    loja = ((sessao.config or {}).get("noweb") or {}).get("store") or {}
    if ESTADO.servidor.motor == "NOWEB" and not loja.get("enabled"):
        raise invalido(LOJA)


def do_chat(sessao: Sessao, chat: str, filtros: Filtros) -> list[dict[str, Any]]:
    """Messages of one chat, newest first unless asked otherwise."""
    exigir_loja(sessao)
    chat = normalizar_chat(chat)
    baixar = filtros.get("downloadMedia", "true") != "false"
    with ESTADO.trava:
        achadas = [
            m for m in sessao.visiveis() if m.chat == chat and _passa(m, filtros)
        ]
        # A medium that arrived late stands where it was written.
        achadas.sort(key=lambda m: m.segundos)
        if filtros.get("sortOrder", "desc") == "desc":
            achadas.reverse()
        return [
            payloads.mensagem_guardada(m, sessao, baixar=baixar)
            for m in _fatia(achadas, filtros, 10)
        ]


def uma(sessao: Sessao, chat: str, id_: str, filtros: Filtros) -> dict[str, Any]:
    exigir_loja(sessao)
    baixar = filtros.get("downloadMedia", "true") != "false"
    with ESTADO.trava:
        achada = sessao.mensagem(id_)
        if achada is None or achada.chat != normalizar_chat(chat) or achada.ignorada:
            raise nao_encontrado("Message not found")
        return payloads.mensagem_guardada(achada, sessao, baixar=baixar)


def resumos(sessao: Sessao, filtros: Filtros, ids: list[str]) -> list[dict[str, Any]]:
    """The chats as a list of conversations would show them, newest first."""
    exigir_loja(sessao)
    with ESTADO.trava:
        ultimas = _ultimas(sessao)
        pedidos = {normalizar_chat(i) for i in ids}
        chats = [c for c in ultimas if not pedidos or c in pedidos]
        return [
            {
                "id": chat,
                "name": _nome(sessao, chat),
                "picture": None,
                "lastMessage": payloads.mensagem_guardada(
                    ultimas[chat], sessao, baixar=False
                ),
                "_chat": _chat(sessao, chat, ultimas[chat]),
            }
            for chat in _fatia(chats, filtros, 20)
        ]


def chats(sessao: Sessao, filtros: Filtros) -> list[dict[str, Any]]:
    """The engine's own chats; `sortBy` is conversationTimestamp, id or name."""
    exigir_loja(sessao)
    with ESTADO.trava:
        ultimas = _ultimas(sessao)
        achados = [_chat(sessao, chat, ultimas[chat]) for chat in ultimas]
    campo = filtros.get("sortBy", "conversationTimestamp")
    if campo not in {"conversationTimestamp", "id", "name"}:
        validos = "conversationTimestamp, id, name"
        mensagem = f"sortBy must be one of the following values: {validos}"
        raise invalido([mensagem])
    # Stable, so that of two chats of the same second the later one stays first.
    achados.sort(
        key=lambda c: c[campo] or "",
        reverse=filtros.get("sortOrder", "desc") == "desc",
    )
    return _fatia(achados, filtros, None)


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
        lids = [par["lid"] for par in _pares(sessao) if par["pn"] == chat]
    return {"lid": lids[0] if lids else None, "pn": chat}


def lids(sessao: Sessao, filtros: Filtros) -> list[dict[str, str]]:
    """Every pair known."""
    exigir_loja(sessao)
    with ESTADO.trava:
        return _fatia(_pares(sessao), filtros, 100)


def grupos(sessao: Sessao, filtros: Filtros) -> dict[str, Any]:
    """By id, as NOWEB gives them."""
    exigir_loja(sessao)
    com_membros = filtros.get("exclude") != "participants"
    with ESTADO.trava:
        achados = _fatia(list(sessao.grupos.values()), filtros, None)
        return {g.id: _grupo(sessao, g, com_membros=com_membros) for g in achados}


def grupo(sessao: Sessao, id_: str) -> dict[str, Any]:
    with ESTADO.trava:
        return _grupo(sessao, _achar_grupo(sessao, id_), com_membros=True)


def membros(sessao: Sessao, id_: str) -> list[dict[str, Any]]:
    with ESTADO.trava:
        return _membros(sessao, _achar_grupo(sessao, id_))


def _fatia(lista: list[Any], filtros: Filtros, padrao: int | None) -> list[Any]:
    inicio = int(filtros.get("offset") or 0)
    limite = filtros.get("limit") or padrao
    return lista[inicio:] if limite is None else lista[inicio : inicio + int(limite)]


def _passa(mensagem: Mensagem, filtros: Filtros) -> bool:
    nome_do_ack = payloads.ACKS[mensagem.ack]
    desde = float(filtros.get("filter.timestamp.gte") or 0)
    ate = float(filtros.get("filter.timestamp.lte") or "inf")
    de_mim = filtros.get("filter.fromMe") or str(mensagem.de_mim).lower()
    return (
        desde <= mensagem.segundos <= ate
        and (de_mim == "true") is mensagem.de_mim
        and nome_do_ack == (filtros.get("filter.ack") or nome_do_ack)
    )


def _ultimas(sessao: Sessao) -> dict[str, Mensagem]:
    """chat -> its last message, the liveliest chat first."""
    ultimas: dict[str, Mensagem] = {}
    for mensagem in sessao.visiveis():
        ultimas.pop(mensagem.chat, None)
        ultimas[mensagem.chat] = mensagem
    return dict(reversed(ultimas.items()))


def _chat(sessao: Sessao, chat: str, ultima: Mensagem) -> dict[str, Any]:
    do_chat = (m for m in sessao.visiveis() if m.chat == chat)
    return {
        "id": chat,
        "name": _nome(sessao, chat),
        "conversationTimestamp": ultima.segundos,
        "unreadCount": sum(not m.de_mim and not m.vista for m in do_chat),
    }


def _nome(sessao: Sessao, chat: str) -> str | None:
    if chat in sessao.grupos:
        return sessao.grupos[chat].nome
    donos: Iterable[Mensagem] = (m for m in sessao.mensagens if m.chat == chat)
    return next((m.pessoa.nome for m in donos if m.pessoa and m.pessoa.nome), None)


def _pares(sessao: Sessao) -> list[dict[str, str]]:
    conhecidas = [p for p in sessao.pessoas.values() if not p.lid_sem_telefone]
    return [{"lid": p.lid, "pn": f"{p.numero}@c.us"} for p in conhecidas]


def _achar_grupo(sessao: Sessao, id_: str) -> Grupo:
    achado = sessao.grupos.get(id_)
    if achado is None:
        raise nao_encontrado("Group not found")
    return achado


def _grupo(sessao: Sessao, de: Grupo, *, com_membros: bool) -> dict[str, Any]:
    corpo: dict[str, Any] = {"id": de.id, "subject": de.nome, "size": len(de.membros)}
    if com_membros:
        corpo["participants"] = [
            {"id": membro["id"], "admin": None} for membro in _membros(sessao, de)
        ]
    return corpo


def _membros(sessao: Sessao, de: Grupo) -> list[dict[str, Any]]:
    eu = sessao.eu or {}
    nos = {"id": eu.get("lid", ""), "pn": eu.get("id", ""), "role": "admin"}
    outros = [
        {"id": p.lid, "pn": f"{p.numero}@c.us", "role": "participant"}
        for p in de.membros.values()
    ]
    return [nos, *outros]
