"""Deliveries on their pages: masked until asked for, read again without a double."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes import turnos
from conexoes.models import RegistroAuditoria, WebhookRecebido
from conexoes.tenancy import sistema
from tests.conexoes.conftest import Ensaio, entrega, ler, mudar, tentar

pytestmark = pytest.mark.django_db(transaction=True)

Entrar = Callable[[str], Client]
LISTA = "/configuracoes/webhooks/"
BANDEJA = "/configuracoes/nao-atribuidos/"
CORPO = (
    b'{"event": "message.any", "payload": {"from": "5531988887777@c.us",'
    b' "body": "<script>alert(1)</script> segredo", "fromMe": false, "n": 12345,'
    b' "5531977776666@c.us": 1}}'
)


def auditadas(acao: str) -> list[RegistroAuditoria]:
    with sistema("comando"):
        return list(RegistroAuditoria.objects.filter(acao=acao))


def orfa(**campos: Any) -> WebhookRecebido:
    return entrega(None, endpoint="meta-leads", **campos)


def test_list_tells_state_reason_and_attempts(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    recebido = entrega(gente.aurora)
    mudar(
        recebido,
        status="failed",
        motivo="envenenada",
        tentativas=3,
        ultimo_erro="O conteúdo recebido não pôde ser lido.",
    )
    entrega(gente.brisa)

    resposta = entrar("ana").get(LISTA)

    (item,) = resposta.context["itens"]
    assert item.linha.pk == recebido.pk
    pagina = resposta.content.decode()
    assert "O conteúdo recebido não pôde ser lido." in pagina
    assert "tentativa 3 de 8" in pagina


def test_list_reads_no_body(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    entrega(gente.aurora, corpo=CORPO)

    (item,) = entrar("ana").get(LISTA).context["itens"]

    assert item.linha.get_deferred_fields() == {"corpo"}


def test_shape_is_shown_and_nobodys_data(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    recebido = entrega(
        gente.aurora, corpo=CORPO, cabecalhos={"User-Agent": "WAHA/<b>1</b>"}
    )

    pagina = entrar("ana").get(f"{LISTA}{recebido.pk}/").content.decode()

    assert "message.any" in pagina
    assert "‹33 caracteres›" in pagina
    assert "‹nome oculto›" in pagina
    assert "WAHA/&lt;b&gt;1&lt;/b&gt;" in pagina
    for dado in ("segredo", "5531988887777", "5531977776666", "12345"):
        assert dado not in pagina.replace(str(recebido.pk), ""), dado
    assert auditadas("webhook.corpo_visto") == []


def test_words_are_shown_escaped_and_whoever_looked_is_written_down(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    recebido = entrega(gente.aurora, corpo=CORPO)

    resposta = entrar("ana").post(f"{LISTA}{recebido.pk}/corpo/")

    pagina = resposta.content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; segredo" in pagina
    assert "<script>alert" not in pagina
    assert "no-store" in resposta["Cache-Control"]
    (registro,) = auditadas("webhook.corpo_visto")
    assert (registro.autor_nome, registro.objeto) == (
        "Ana Alves",
        f"teste.dentro:{recebido.pk}",
    )
    assert "Ana Alves viu o conteúdo" in pagina


def test_a_link_alone_shows_no_words(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    recebido, ana = entrega(gente.aurora, corpo=CORPO), entrar("ana")

    for fim in ("corpo", "baixar", "repetir", "desistir"):
        assert ana.get(f"{LISTA}{recebido.pk}/{fim}/").status_code == 405

    assert auditadas("webhook.corpo_visto") == []


@pytest.mark.parametrize(
    ("corpo", "visto", "cortado"),
    [
        (b"\x00\x01\xff" * 100, "00000000  00 01 ff", False),
        (b"\xff\xfe" * 4000, "00000000  ff fe", True),
        (b"", "", False),
        (b"ol\xc3\xa1, sem JSON", "olá, sem JSON", False),
        (b"[" * 5000, "[[[[", False),
        (b'"' + b"a" * (10 * 1024 * 1024) + b'"', "aaaa", True),
        (b'{"t": "' + b"b" * 100_000 + b'"}', "bbbb", True),
    ],
    ids=["nul", "binary", "empty", "text", "brackets", "ten-megabytes", "long-json"],
)
def test_any_body_is_shown_in_part_and_downloaded_whole(
    gente: SimpleNamespace,
    ensaio: Ensaio,
    entrar: Entrar,
    corpo: bytes,
    visto: str,
    cortado: bool,
) -> None:
    recebido, ana = entrega(gente.aurora, corpo=corpo), entrar("ana")

    assert ana.get(f"{LISTA}{recebido.pk}/").status_code == 200
    mostrado = ana.post(f"{LISTA}{recebido.pk}/corpo/")
    baixado = ana.post(f"{LISTA}{recebido.pk}/baixar/")

    assert mostrado.status_code == 200
    assert visto in mostrado.context["corpo"].texto
    assert mostrado.context["corpo"].cortado is cortado
    assert len(mostrado.content) < 200_000
    assert b"\x00" not in mostrado.content
    assert baixado.content == corpo


def test_download_can_do_nothing_in_a_browser(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    recebido = entrega(gente.aurora, corpo=b"<script>alert(1)</script>")

    resposta = entrar("ana").post(f"{LISTA}{recebido.pk}/baixar/")

    assert resposta["Content-Type"] == "application/octet-stream"
    assert resposta["Content-Disposition"].startswith("attachment;")
    assert resposta["X-Content-Type-Options"] == "nosniff"
    assert resposta["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert len(auditadas("webhook.corpo_baixado")) == 1


def test_done_delivery_is_read_again_by_the_same_verb(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    lida = tentar(entrega(gente.aurora))

    entrar("ana").post(f"{LISTA}{lida.pk}/repetir/", {"cerca": lida.cerca})

    assert tentar(lida).status == "completed"
    assert ensaio.vistas == [lida.pk, lida.pk]
    assert len(auditadas("fila.repetida")) == 1


# --- the tray of nobody ----------------------------------------------------


def test_tray_shows_what_is_nobodys_to_the_super_admin_without_an_organisation(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    sem_dono = orfa()
    dividida = orfa()
    entrega(gente.aurora, endpoint="meta-leads", pai=dividida)
    entrega(gente.aurora)

    resposta = entrar("sofia").get(BANDEJA)

    assert [item.linha.pk for _, item in resposta.context["itens"]] == [sem_dono.pk]


def test_super_admin_reads_repeats_and_discards_what_is_nobodys(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    sem_dono, sofia = orfa(corpo=CORPO), entrar("sofia")
    pagina = f"{BANDEJA}{sem_dono.pk}/"

    assert "segredo" not in sofia.get(pagina).content.decode()
    assert "segredo" in sofia.post(f"{pagina}corpo/").content.decode()
    assert sofia.post(f"{pagina}baixar/").content == CORPO
    lida = tentar(sem_dono)
    sofia.post(f"{pagina}repetir/")
    assert ler(lida).status == "pending"
    sofia.post(f"{pagina}desistir/")

    assert ler(lida).ultimo_erro == "Descartado por Sofia Souza."
    (visto,) = auditadas("webhook.corpo_visto")
    assert (visto.organizacao_id, visto.autor_nome) == (None, "Sofia Souza")


def test_super_admin_reads_all_of_the_tray_again_turn_by_turn(
    gente: SimpleNamespace,
    ensaio: Ensaio,
    entrar: Entrar,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turnos, "TURNO_S", -1)
    primeira, segunda = [tentar(orfa(corpo=CORPO + letra)) for letra in (b" ", b"  ")]
    descartada, de_alguem = orfa(), entrega(gente.aurora)
    mudar(descartada, status="failed", motivo="descartada")
    sofia, url = entrar("sofia"), f"{BANDEJA}todos/"

    pergunta = sofia.get(url)
    meio = sofia.post(url, {"ate": pergunta.context["ate"]})
    tarde = orfa()
    assert [ler(um).status for um in (primeira, segunda)] == ["pending", "completed"]
    fim = sofia.post(url, {nome: meio.context[nome] for nome in ("ate", "depois")})

    assert "Vai ler de novo <strong>2</strong> entregas" in pergunta.content.decode()
    assert "Falta <strong>1</strong> entrega" in meio.content.decode()
    assert (fim.status_code, fim["Location"]) == (302, BANDEJA)
    assert [ler(um).status for um in (primeira, segunda)] == ["pending"] * 2
    assert [ler(um).cerca for um in (descartada, de_alguem, tarde)] == [0, 0, 0]
    assert len(auditadas("fila.repetida")) == 2


def test_tray_opens_nothing_that_has_an_owner(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    de_alguem, sofia = entrega(gente.aurora, corpo=CORPO), entrar("sofia")

    assert sofia.get(f"{BANDEJA}{de_alguem.pk}/").status_code == 404
    assert sofia.post(f"{BANDEJA}{de_alguem.pk}/corpo/").status_code == 404
    assert auditadas("webhook.corpo_visto") == []


@pytest.mark.parametrize("quem", ["ana", "bruno"])
def test_tray_is_closed_to_organisations(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar, quem: str
) -> None:
    sem_dono, pessoa = orfa(corpo=CORPO), entrar(quem)

    respostas = [
        pessoa.get(BANDEJA),
        pessoa.get(f"{BANDEJA}{sem_dono.pk}/"),
        pessoa.post(f"{BANDEJA}todos/"),
        *[
            pessoa.post(f"{BANDEJA}{sem_dono.pk}/{fim}/")
            for fim in ("corpo", "baixar", "repetir", "desistir")
        ],
    ]

    assert [resposta.status_code for resposta in respostas] == [403] * 7
    assert len(auditadas("acesso.recusado")) == 7
    assert ler(sem_dono).cerca == 0
    assert pessoa.get(f"{LISTA}{sem_dono.pk}/").status_code in (403, 404)
