"""WAHA's JSON as frozen dataclasses; pure: no database, no HTTP.

Shapes seen on WAHA 2026.2.1 (engine NOWEB) and in its documentation:
https://waha.devlike.pro/docs/how-to/events/
"""

from whatsapp.payloads.enderecos import (
    e_conversa_de_pessoa,
    e_grupo,
    partes_do_id,
    telefone_de,
)
from whatsapp.payloads.envelope import Eu, Evento, ler
from whatsapp.payloads.mensagens import (
    ArquivoWaha,
    Citacao,
    MensagemWaha,
    id_da_resposta,
    ler_mensagem,
    ler_mensagens,
)
from whatsapp.payloads.servidor import (
    ConversaNoServidor,
    SessaoNoServidor,
    ler_conversas,
    ler_sessoes,
    ler_webhooks,
)
from whatsapp.payloads.sinais import (
    Ack,
    ReacaoWaha,
    ler_ack,
    ler_apagada,
    ler_editada,
    ler_reacao,
)

__all__ = [
    "Ack",
    "ArquivoWaha",
    "Citacao",
    "ConversaNoServidor",
    "Eu",
    "Evento",
    "MensagemWaha",
    "ReacaoWaha",
    "SessaoNoServidor",
    "e_conversa_de_pessoa",
    "e_grupo",
    "id_da_resposta",
    "ler",
    "ler_ack",
    "ler_apagada",
    "ler_conversas",
    "ler_editada",
    "ler_mensagem",
    "ler_mensagens",
    "ler_reacao",
    "ler_sessoes",
    "ler_webhooks",
    "partes_do_id",
    "telefone_de",
]
