from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conexoes.erros import WebhookInvalido
from tests.whatsapp.dominio import FIXTURES, HORA, carregar
from whatsapp import payloads

NOMES = sorted(arquivo.name for arquivo in FIXTURES.glob("*.json"))


def ler(nome: str) -> payloads.Evento:
    return payloads.ler((FIXTURES / nome).read_bytes())


@pytest.mark.parametrize("nome", NOMES)
def test_every_recorded_envelope_is_read(nome: str) -> None:
    cru = carregar(nome)

    evento = ler(nome)

    assert (evento.tipo, evento.sessao) == (cru["event"], "wpp-12-34")
    assert evento.em == datetime.fromtimestamp(cru["timestamp"] / 1000, UTC)
    assert evento.payload == cru["payload"]


def test_the_account_is_known_once_connected() -> None:
    eu = ler("session_status__working.json").eu

    assert eu == payloads.Eu(id="5511999990000@c.us", nome="Ana Vendas")
    assert eu.telefone == "+5511999990000"
    assert ler("session_status__starting.json").eu is None


def test_text_message() -> None:
    lida = payloads.ler_mensagem(ler("message__texto.json").payload)

    assert lida == payloads.MensagemWaha(
        id="3EB0C0FFEE0000000001",
        chat="553188887777@c.us",
        minha=False,
        texto="Bom dia, quero um orçamento",
        so_texto=True,
        momento=datetime.fromtimestamp(HORA, UTC),
        nome="Carlos Lima",
        pela_api=False,
        enderecos=("553188887777@c.us",),
        telefone="+553188887777",
    )


def test_envelope_counts_milliseconds_and_message_seconds() -> None:
    evento = ler("message__texto.json")

    lida = payloads.ler_mensagem(evento.payload)

    assert evento.em.isoformat() == "2026-11-22T02:08:07.412000+00:00"
    assert lida.momento.isoformat() == "2026-11-22T02:08:07+00:00"


@pytest.mark.parametrize(
    ("nome", "chat", "minha", "pela_api", "texto", "so_texto"),
    [
        ("message__do_celular", "553188887777@c.us", True, False, "Já te retorno", 1),
        ("message__eco_api", "553188887777@c.us", True, True, "Olá!", 1),
        ("message__lid_citacao", "118800000000001@lid", False, False, "segue", 1),
        ("message__grupo", "120363000000000001@g.us", False, False, "no grupo", 1),
        ("message__sem_texto", "553188887777@c.us", False, False, "", 1),
        ("message__localizacao", "553188887777@c.us", False, False, "", 0),
        ("message__midia", "553188887777@c.us", False, False, "legenda", 0),
        ("message__midia_falhou", "553188887777@c.us", False, False, "", 0),
    ],
)
def test_other_kinds_of_message(
    nome: str, chat: str, minha: bool, pela_api: bool, texto: str, so_texto: int
) -> None:
    lida = payloads.ler_mensagem(ler(f"{nome}.json").payload)

    assert (lida.chat, lida.minha, lida.pela_api) == (chat, minha, pela_api)
    assert (lida.texto, lida.so_texto) == (texto, bool(so_texto))


def test_hidden_id_with_its_phone_beside_it() -> None:
    lida = payloads.ler_mensagem(ler("message__lid_citacao.json").payload)

    assert lida.enderecos == ("118800000000001@lid", "553188887777@c.us")
    assert lida.telefone == "+553188887777"


def test_hidden_id_without_a_phone_is_no_phone() -> None:
    lida = payloads.ler_mensagem(ler("message__lid_sem_telefone.json").payload)

    assert lida.enderecos == ("118800000000002@lid",)
    assert lida.telefone == ""


def test_neither_data_nor_source_is_needed() -> None:
    payload = {"id": "false_553188887777@c.us_3EB0", "timestamp": HORA}

    lida = payloads.ler_mensagem(payload)

    assert (lida.id, lida.texto, lida.nome) == ("3EB0", "", "")
    assert lida.pela_api is False


@pytest.mark.parametrize(
    ("id_", "partes"),
    [
        ("false_553188887777@c.us_3EB0", (False, "553188887777@c.us", "3EB0")),
        ("true_1188@lid_3A00", (True, "1188@lid", "3A00")),
        ("true_55@s.whatsapp.net_3A00", (True, "55@c.us", "3A00")),
        ("false_1203@g.us_3EB0_1188@lid", (False, "1203@g.us", "3EB0")),
        ("true_status@broadcast_3EB0_55@c.us", (True, "status@broadcast", "3EB0")),
    ],
)
def test_parts_of_an_id(id_: str, partes: tuple[bool, str, str]) -> None:
    assert payloads.partes_do_id(id_) == partes


@pytest.mark.parametrize(
    "id_", ["", "3EB0", "true_", "true_55@c.us", "true_55@c.us_", "maybe_55@c.us_3EB0"]
)
def test_an_id_of_another_shape_is_refused(id_: str) -> None:
    with pytest.raises(WebhookInvalido):
        payloads.partes_do_id(id_)


@pytest.mark.parametrize(
    ("corpo", "id_"),
    [
        # NOWEB: the engine's raw message
        ({"key": {"remoteJid": "55@s.whatsapp.net", "id": "3EB0A"}}, "3EB0A"),
        # WEBJS
        ({"id": {"fromMe": True, "_serialized": "true_55@c.us_3EB0B"}}, "3EB0B"),
        ({"id": {"fromMe": True, "id": "3EB0C"}}, "3EB0C"),
        # GOWS
        ({"id": "true_55@c.us_3EB0D", "_data": {}}, "3EB0D"),
        ({"id": "true_1203@g.us_3EB0E_55@c.us"}, "3EB0E"),
        ({"id": "3EB0F"}, "3EB0F"),
    ],
)
def test_id_in_the_answer_of_each_engine(corpo: Any, id_: str) -> None:
    assert payloads.id_da_resposta(corpo) == id_


@pytest.mark.parametrize(
    "corpo",
    [None, [], "3EB0", 7, {}, {"id": None}, {"id": 7}, {"id": {}}, {"key": []}],
)
def test_an_answer_without_an_id(corpo: Any) -> None:
    assert payloads.id_da_resposta(corpo) == ""


@pytest.mark.parametrize(
    ("endereco", "telefone"),
    [
        ("5531988887777@c.us", "+5531988887777"),
        ("5531988887777@s.whatsapp.net", "+5531988887777"),
        ("5531988887777:12@s.whatsapp.net", "+5531988887777"),
        ("118800000000001@lid", ""),
        ("120363000000000001@g.us", ""),
        ("status@broadcast", ""),
        ("1203@newsletter", ""),
        ("@c.us", ""),
        ("٥٥٣١@c.us", ""),
        ("abc@c.us", ""),
        ("", ""),
    ],
)
def test_phone_of_an_address(endereco: str, telefone: str) -> None:
    assert payloads.telefone_de(endereco) == telefone


@pytest.mark.parametrize(
    ("chat", "pessoa"),
    [
        ("553188887777@c.us", True),
        ("118800000000001@lid", True),
        ("120363000000000001@g.us", False),
        ("120363000000000001@newsletter", False),
        ("status@broadcast", False),
    ],
)
def test_only_chats_with_one_person_count(chat: str, pessoa: bool) -> None:
    assert payloads.e_conversa_de_pessoa(chat) is pessoa


def test_ack_of_our_message() -> None:
    ack = payloads.ler_ack(ler("ack__lida.json").payload)

    assert ack == payloads.Ack(id="3A00C0FFEE0000000005", ack=3)


def test_ack_of_somebody_elses_message_says_nothing() -> None:
    assert payloads.ler_ack({"id": "false_55@c.us_3EB0", "ack": 3}) is None
    assert payloads.ler_ack({"id": "true_55@c.us_3EB0", "ack": "READ"}) is None


@pytest.mark.parametrize(
    "corpo",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'{"event":"message.any","session":"s","timestamp":1}',
        b'{"event":"message.any","session":"s","timestamp":1,"payload":[]}',
        b'{"event":7,"session":"s","timestamp":1,"payload":{}}',
        b'{"event":"message.any","session":null,"timestamp":1,"payload":{}}',
        b'{"event":"message.any","session":"s","payload":{}}',
        b'{"event":"message.any","session":"s","timestamp":"1","payload":{}}',
        b'{"event":"message.any","session":"s","timestamp":true,"payload":{}}',
        b'{"event":"message.any","session":"s","timestamp":NaN,"payload":{}}',
        b'{"event":"message.any","session":"s","timestamp":1e300,"payload":{}}',
        b'{"event":"message.any","session":"s","timestamp":' + b"9" * 60 + b","
        b'"payload":{}}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_envelope(corpo: bytes) -> None:
    with pytest.raises(WebhookInvalido) as recusa:
        payloads.ler(corpo)

    assert recusa.value.status == 400


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=40)
    | st.sampled_from(["true_55@c.us_3EB0", "false_1188@lid_3EB0", "app", "api"]),
    lambda dentro: (
        st.lists(dentro, max_size=4)
        | st.dictionaries(st.text(max_size=8), dentro, max_size=4)
    ),
    max_leaves=8,
)
# A busy machine is no fault of the reader's.
_CALMO = settings(max_examples=60, deadline=None, database=None)
_CAMPOS = (
    *("id", "timestamp", "from", "fromMe", "body", "source", "ack"),
    *("hasMedia", "location", "vCards", "_data"),
)
_PAYLOAD = st.fixed_dictionaries({}, optional=dict.fromkeys(_CAMPOS, _JSON))


@_CALMO
@given(corpo=st.binary(max_size=300))
def test_garbage_raises_nothing_else(corpo: bytes) -> None:
    with pytest.raises(WebhookInvalido):
        payloads.ler(corpo)


@_CALMO
@given(payload=_PAYLOAD)
def test_a_strange_message_is_read_or_refused(payload: dict[str, Any]) -> None:
    try:
        lida = payloads.ler_mensagem(payload)
    except WebhookInvalido:
        return
    assert isinstance(lida.texto, str)
    assert isinstance(lida.nome, str)


@_CALMO
@given(payload=_PAYLOAD)
def test_a_strange_ack_is_read_or_refused(payload: dict[str, Any]) -> None:
    try:
        ack = payloads.ler_ack(payload)
    except WebhookInvalido:
        return
    assert ack is None or isinstance(ack.ack, int)


@_CALMO
@given(corpo=_JSON)
def test_a_strange_answer_has_an_id_or_none(corpo: Any) -> None:
    assert isinstance(payloads.id_da_resposta(corpo), str)
