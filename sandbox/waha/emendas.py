"""What happens to a message afterwards: a reaction, an edit, its deletion.

Each is a message of the engine's own kind, with an id of its own, that points at the
one it changes.
"""

from typing import Any

from sandbox.waha import brutos, payloads
from sandbox.waha.entregas import CARTEIRO
from sandbox.waha.estado import CONECTADA, ESTADO, Mensagem, Sessao
from sandbox.waha.mensagens import ENTREGUE, PENDENTE, SEM_INTERNET, SERVIDOR, novo_id
from sandbox.waha.sessoes import AcaoImpossivel, exigir

ACKS = {"api": PENDENTE, "app": SERVIDOR, "cliente": ENTREGUE}
PREFIXOS = {"app": "3A"}


def reagir(sessao: Sessao, alvo: Mensagem, emoji: str, origem: str) -> Mensagem:
    """Put a reaction on a message of anybody's; an empty one takes it back."""
    with ESTADO.trava:
        exigir(sessao, CONECTADA, SEM_INTERNET)
        conteudo = {"key": brutos.referencia(alvo), "text": emoji}
        acao = _acao(sessao, alvo, origem, {"reactionMessage": conteudo})
        quem = "eu" if acao.de_mim else acao.participante or alvo.chat
        if emoji:
            alvo.reacoes[quem] = emoji
        else:
            alvo.reacoes.pop(quem, None)
        corpo = payloads.reacao(acao, alvo, emoji)
        _publicar(sessao, alvo, "message.reaction", corpo)
        return acao


def editar(sessao: Sessao, alvo: Mensagem, texto: str, origem: str) -> Mensagem:
    """Write a message anew; only who wrote it can."""
    with ESTADO.trava:
        _exigir_autor(sessao, alvo, origem)
        conteudo = {
            "key": brutos.referencia(alvo),
            "type": "MESSAGE_EDIT",
            "editedMessage": {"conversation": texto},
        }
        acao = _acao(sessao, alvo, origem, {"protocolMessage": conteudo}, texto)
        alvo.texto, alvo.editada = texto, True
        _publicar(sessao, alvo, "message.edited", payloads.edicao(acao, alvo, sessao))
        return acao


def apagar(sessao: Sessao, alvo: Mensagem, origem: str) -> Mensagem:
    """Delete a message for everybody; only who wrote it can."""
    with ESTADO.trava:
        _exigir_autor(sessao, alvo, origem)
        conteudo = {"key": brutos.referencia(alvo), "type": "REVOKE"}
        acao = _acao(sessao, alvo, origem, {"protocolMessage": conteudo})
        alvo.apagada, alvo.midia, alvo.lugar, alvo.vcards = True, None, None, ()
        alvo.conteudo = {}
        corpo = payloads.exclusao(acao, alvo, sessao)
        _publicar(sessao, alvo, "message.revoked", corpo)
        return acao


def _exigir_autor(sessao: Sessao, alvo: Mensagem, origem: str) -> None:
    exigir(sessao, CONECTADA, SEM_INTERNET)
    if alvo.de_mim is (origem == "cliente"):
        raise AcaoImpossivel("Só quem escreveu a mensagem pode mudá-la.")
    if alvo.apagada:
        raise AcaoImpossivel("Esta mensagem já foi apagada.")


def _acao(
    sessao: Sessao,
    alvo: Mensagem,
    origem: str,
    conteudo: dict[str, Any],
    texto: str = "",
) -> Mensagem:
    de_mim = origem != "cliente"
    participante = ""
    if alvo.chat in sessao.grupos:
        outros = next(iter(sessao.grupos[alvo.chat].membros))
        deles = outros if alvo.de_mim else alvo.participante
        participante = str((sessao.eu or {}).get("lid")) if de_mim else deles
    return Mensagem(
        id_curto=novo_id(PREFIXOS.get(origem, "3EB0")),
        chat=alvo.chat,
        texto=texto,
        de_mim=de_mim,
        origem=origem,
        ack=ACKS[origem],
        pessoa=alvo.pessoa,
        participante=participante,
        conteudo=conteudo,
    )


def _publicar(
    sessao: Sessao, alvo: Mensagem, evento: str, corpo: dict[str, Any]
) -> None:
    if not alvo.ignorada:
        CARTEIRO.publicar(sessao, evento, corpo)
