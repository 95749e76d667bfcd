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
        tipo="texto",
        momento=datetime.fromtimestamp(HORA, UTC),
        nome="Carlos Lima",
        pela_api=False,
        enderecos=("553188887777@c.us",),
        telefone="+553188887777",
        ack=2,
    )


def test_envelope_counts_milliseconds_and_message_seconds() -> None:
    evento = ler("message__texto.json")

    lida = payloads.ler_mensagem(evento.payload)

    assert evento.em.isoformat() == "2026-11-22T02:08:07.412000+00:00"
    assert lida.momento.isoformat() == "2026-11-22T02:08:07+00:00"


CLIENTE, LID, GRUPO = (
    "553188887777@c.us",
    "118800000000001@lid",
    "120363000000000001@g.us",
)


@pytest.mark.parametrize(
    ("nome", "chat", "minha", "pela_api", "texto", "tipo"),
    [
        ("do_celular", CLIENTE, True, False, "Já te retorno", "texto"),
        ("eco_api", CLIENTE, True, True, "Olá!", "texto"),
        ("eco_midia", CLIENTE, True, True, "a planta", "imagem"),
        ("lid_citacao", LID, False, False, "segue", "texto"),
        ("grupo", GRUPO, False, False, "no grupo", "texto"),
        ("sem_texto", CLIENTE, False, False, "", "nao_suportado"),
        ("localizacao", CLIENTE, False, False, "", "localizacao"),
        ("contato", CLIENTE, False, False, "", "contato"),
        ("midia", CLIENTE, False, False, "legenda", "imagem"),
        ("midia_falhou", CLIENTE, False, False, "", "audio"),
        ("audio", CLIENTE, False, False, "", "audio"),
        ("video", CLIENTE, False, False, "olha o apê", "video"),
        ("documento", CLIENTE, False, False, "", "documento"),
        ("figurinha", CLIENTE, False, False, "", "figurinha"),
        ("imagem_como_documento", CLIENTE, False, False, "", "documento"),
    ],
)
def test_kinds_of_message(
    nome: str, chat: str, minha: bool, pela_api: bool, texto: str, tipo: str
) -> None:
    lida = payloads.ler_mensagem(ler(f"message__{nome}.json").payload)

    assert (lida.chat, lida.minha, lida.pela_api) == (chat, minha, pela_api)
    assert (lida.texto, lida.tipo) == (texto, tipo)


@pytest.mark.parametrize(
    ("mimetype", "tipo"),
    [
        ("image/png", "imagem"),
        ("video/mp4", "video"),
        ("audio/ogg; codecs=opus", "audio"),
        ("application/pdf", "documento"),
        ("", "documento"),
        (None, "documento"),
    ],
)
def test_without_the_raw_message_the_mime_type_tells_the_kind(
    mimetype: str | None, tipo: str
) -> None:
    payload = ler("message__midia.json").payload
    payload["media"]["mimetype"] = mimetype
    del payload["_data"]["message"]

    assert payloads.ler_mensagem(payload).tipo == tipo


def test_file_of_a_message() -> None:
    lida = payloads.ler_mensagem(ler("message__documento.json").payload)

    assert lida.arquivo == payloads.ArquivoWaha(
        url="https://waha.example.com/api/files/wpp-12-34/"
        "false_553188887777@c.us_3EB0C0FFEE0000000023.pdf",
        mimetype="application/pdf",
        nome="Proposta nº 7.pdf",
    )


def test_file_that_waha_could_not_fetch_has_no_address() -> None:
    falhou = payloads.ler_mensagem(ler("message__midia_falhou.json").payload)
    sem_baixar = ler("message__midia.json").payload | {"media": None}

    assert falhou.arquivo is not None
    assert falhou.arquivo.url == ""
    assert payloads.ler_mensagem(sem_baixar).arquivo == payloads.ArquivoWaha("", "", "")


def test_place_and_contact_card() -> None:
    lugar = payloads.ler_mensagem(ler("message__localizacao.json").payload)
    cartao = payloads.ler_mensagem(ler("message__contato.json").payload)

    assert set(lugar.dados) == {"latitude", "longitude", "titulo"}
    assert cartao.dados == {
        "cartoes": [{"nome": "Beatriz Ramos", "telefones": ["+55 11 97777-1234"]}]
    }


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (91, 0),
        (-90.1, 0),
        (0, 181),
        (1e308, 0),
        ("norte", 0),
        (None, 0),
        ([], {}),
        (True, "inf"),
        ("nan", 1),
    ],
)
def test_place_that_is_nowhere_is_no_place(latitude: Any, longitude: Any) -> None:
    payload = ler("message__localizacao.json").payload
    payload["location"] = {"latitude": latitude, "longitude": longitude}

    lida = payloads.ler_mensagem(payload)

    assert (lida.tipo, lida.dados) == ("nao_suportado", {})


def test_endless_contact_card_is_cut() -> None:
    payload = ler("message__contato.json").payload
    linhas = [f"TEL:+55119777{n:05}" for n in range(10_000)]
    payload["vCards"] = ["\r\n".join(["BEGIN:VCARD", "FN:Beatriz", *linhas])] * 50

    cartoes = payloads.ler_mensagem(payload).dados["cartoes"]

    assert len(cartoes) == 20
    assert {(c["nome"], len(c["telefones"])) for c in cartoes} == {("Beatriz", 10)}


@pytest.mark.parametrize("vcards", [[], [None], ["lixo"], [7, {}], "BEGIN:VCARD", {}])
def test_card_with_nobody_on_it_is_no_card(vcards: Any) -> None:
    payload = ler("message__contato.json").payload | {"vCards": vcards}

    assert payloads.ler_mensagem(payload).tipo == "nao_suportado"


@pytest.mark.parametrize(
    ("id_", "solto"),
    [
        ("3EB0C0FFEE0000000001", "3EB0C0FFEE0000000001"),
        ("true_553188887777@c.us_3EB0A", "3EB0A"),
        ("false_1203@g.us_3EB0A_1188@lid", "3EB0A"),
    ],
)
def test_quote_names_a_bare_id(id_: str, solto: str) -> None:
    payload = ler("message__lid_citacao.json").payload
    payload["replyTo"] = {"id": id_, "body": "x" * 400}

    assert payloads.ler_mensagem(payload).citacao == payloads.Citacao(solto, "x" * 300)


@pytest.mark.parametrize("cru", [None, 7, "3EB0", [], {}, {"id": None}, {"id": {}}])
def test_strange_quote_is_no_quote(cru: Any) -> None:
    payload = ler("message__texto.json").payload | {"replyTo": cru}

    assert payloads.ler_mensagem(payload).citacao is None


def test_group_has_one_address_whoever_speaks() -> None:
    lida = payloads.ler_mensagem(ler("message__grupo.json").payload)

    assert (lida.enderecos, lida.telefone) == ((GRUPO,), "")
    assert (lida.remetente, lida.nome) == (LID, "Carlos Lima")
    assert lida.telefone_remetente == "+553188887777"


@pytest.mark.parametrize(
    ("nome", "visto"),
    [
        ("Carlos", "Carlos"),
        ("🌻", "🌻"),
        ("\u202eCarlos", "\u202eCarlos"),
        ("\u200b\u200d\ufeff", ""),
        ("\u3164\u2800 ", ""),
        ("\t\n ", ""),
        ("", ""),
        (7, ""),
    ],
)
def test_name_that_nobody_can_see_is_no_name(nome: Any, visto: str) -> None:
    payload = ler("message__texto.json").payload
    payload["_data"]["pushName"] = nome

    assert payloads.ler_mensagem(payload).nome == visto


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
    ("nome", "reacao"),
    [
        ("joinha", ("3A00C0FFEE0000000005", CLIENTE, "👍")),
        ("removida", ("3A00C0FFEE0000000005", CLIENTE, "")),
        ("nossa", ("3EB0C0FFEE0000000001", "eu", "❤️")),
    ],
)
def test_reaction(nome: str, reacao: tuple[str, str, str]) -> None:
    lida = payloads.ler_reacao(ler(f"reaction__{nome}.json").payload)

    assert (lida.id, lida.de, lida.emoji) == reacao


def test_edit_and_deletion_name_the_message_and_not_themselves() -> None:
    editada = payloads.ler_editada(ler("edited__texto.json").payload)
    apagada = payloads.ler_apagada(ler("revoked__texto.json").payload)

    assert editada == ("3EB0C0FFEE0000000001", "Bom dia, quero dois orçamentos")
    assert apagada == "3EB0C0FFEE0000000001"


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
    *("hasMedia", "media", "location", "vCards", "_data", "replyTo"),
    *("participant", "reaction", "editedMessageId", "revokedMessageId"),
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
@given(payload=_PAYLOAD)
def test_strange_news_of_a_message_are_read_or_refused(payload: dict[str, Any]) -> None:
    assert isinstance(payloads.ler_apagada(payload), str)
    assert [type(parte) for parte in payloads.ler_editada(payload)] == [str, str]
    try:
        assert isinstance(payloads.ler_reacao(payload).emoji, str)
    except WebhookInvalido:
        return


@_CALMO
@given(corpo=_JSON)
def test_a_strange_answer_has_an_id_or_none(corpo: Any) -> None:
    assert isinstance(payloads.id_da_resposta(corpo), str)
