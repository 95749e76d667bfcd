"""Each person reads their language; what is kept stays in Portuguese."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final

import pytest
from asgiref.sync import sync_to_async
from django.core import mail
from django.db import connections
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import translation

from conexoes import drenos, idioma
from conexoes.cartas import compor
from conexoes.models import Notificacao
from conexoes.notificacoes import notificar
from conexoes.tenancy import na, sistema
from crm.models import Contato, Conversa, Mensagem, Usuario
from crm.services.conversas import resumo
from tests.conexoes.conftest import escolher
from tests.conftest import SENHA
from tests.textos import portugues_em
from whatsapp.models import SessaoWhatsapp

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
HUB = "/configuracoes/conexoes/"


def ler(navegador: Client, caminho: str) -> str:
    return navegador.get(caminho).content.decode()


# --- The page ----------------------------------------------------------------


def test_who_chose_english_reads_english(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    navegador = entrar("ana")
    escolher(gente.ana, "en")

    resposta = navegador.get(HUB)

    pagina = resposta.content.decode()
    assert '<html lang="en"' in pagina
    assert "Link the CRM to your company" in pagina
    assert "Conversas" not in pagina
    assert resposta["Content-Language"] == "en"
    assert "Cookie" in resposta["Vary"]


PAGINAS: Final = (
    "crm:conversas",
    "crm:contatos",
    "crm:novo_contato",
    "crm:equipe",
    "crm:convidar",
    "crm:respostas_rapidas",
    "crm:nova_resposta",
    "conexoes:hub",
    "conexoes:fila",
    "conexoes:webhooks",
    "conexoes:organizacao",
    "chaves:lista",
    "chaves:nova",
    "whatsapp:pagina",
    "whatsapp:risco",
    "notificacoes:pagina",
    "notificacoes:preferencias",
    "perfil",
    "account_change_password",
    "account_logout",
)


@pytest.mark.parametrize("nome", PAGINAS)
def test_no_portuguese_is_left_on_an_english_page(
    gente: SimpleNamespace, entrar: Entrar, nome: str
) -> None:
    navegador = entrar("ana")
    assert portugues_em(ler(navegador, reverse(nome)))
    escolher(gente.ana, "en")

    assert portugues_em(ler(navegador, reverse(nome))) == set()


def test_who_chose_nothing_reads_portuguese_whatever_the_browser_says(
    entrar: Entrar,
) -> None:
    resposta = entrar("ana").get(HUB, headers={"Accept-Language": "en"})

    assert '<html lang="pt-br"' in resposta.content.decode()
    assert resposta["Content-Language"] == "pt-br"


@pytest.mark.parametrize("codigo", ["fr", "xx", "en-gb", "../en"])
def test_a_language_that_is_not_offered_counts_as_none(
    gente: SimpleNamespace, entrar: Entrar, codigo: str
) -> None:
    navegador = entrar("ana")
    escolher(gente.ana, codigo)

    assert '<html lang="pt-br"' in ler(navegador, HUB)


def test_one_language_does_not_reach_the_next_request(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    escolher(gente.ana, "en")
    dela, dele = entrar("ana"), entrar("bruno")

    for _vez in range(2):
        assert '<html lang="en"' in ler(dela, HUB)
        assert translation.get_language() == "pt-br"
        assert '<html lang="pt-br"' in ler(dele, HUB)


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_time_keep_their_languages(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    escolher(gente.ana, "en")
    biscoitos = [entrar(apelido).cookies for apelido in ("ana", "bruno")]

    async def pedir(qual: int) -> str:
        navegador = AsyncClient()
        navegador.cookies = biscoitos[qual]
        return (await navegador.get(HUB)).content.decode()

    async def juntos() -> list[str]:
        try:
            return await asyncio.gather(*[pedir(n % 2) for n in range(8)])
        finally:
            await sync_to_async(connections.close_all)()

    paginas = asyncio.run(juntos())

    assert ['lang="en"' in pagina for pagina in paginas] == [True, False] * 4


def test_dates_and_numbers_follow_the_language(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    with na(gente.aurora):
        contato = Contato.objects.create(organizacao=gente.aurora, nome="Rita Reis")
        Contato.objects.filter(pk=contato.pk).update(
            criado_em=datetime(2026, 3, 10, 21, 5, tzinfo=UTC)
        )
    navegador = entrar("ana")

    assert "10/03/2026, 18:05" in ler(navegador, f"/contatos/{contato.pk}/")
    escolher(gente.ana, "en")
    assert "Mar 10, 2026, 6:05 PM" in ler(navegador, f"/contatos/{contato.pk}/")


def test_refusals_and_error_pages_follow_the_language(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    escolher(gente.bruno, "en")
    navegador = entrar("bruno")

    assert "Page not found" in ler(navegador, "/nao-existe/")
    assert "No access" in ler(navegador, reverse("crm:equipe"))
    form = navegador.post(reverse("crm:novo_contato"), {"nome": ""})
    assert "This field is required." in form.content.decode()


# --- Where nobody is known, and where only Portuguese is spoken ---------------


def test_the_log_in_page_remembers_the_language_of_this_browser(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    navegador = entrar("ana")
    escolher(gente.ana, "en")
    biscoito = navegador.get(HUB).cookies["django_language"]
    navegador.post("/conta/sair/")

    assert "Forgot my password" in ler(navegador, "/conta/entrar/")
    assert (biscoito["httponly"], biscoito["samesite"]) == (True, "Lax")
    assert "Esqueci minha senha" in ler(Client(), "/conta/entrar/")


def test_going_back_to_portuguese_is_remembered_too(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    navegador = entrar("ana")
    escolher(gente.ana, "en")
    navegador.get(HUB)
    escolher(gente.ana, "")
    navegador.get(HUB)
    navegador.post("/conta/sair/")

    assert "Esqueci minha senha" in ler(navegador, "/conta/entrar/")


def test_a_forged_cookie_is_not_believed() -> None:
    navegador = Client()
    navegador.cookies["django_language"] = "fr\r\nX: y"

    assert '<html lang="pt-br"' in ler(navegador, "/conta/entrar/")


def test_the_api_answers_in_portuguese(
    gente: SimpleNamespace, entrar: Entrar, token: Callable[[str], dict[str, str]]
) -> None:
    escolher(gente.ana, "en")
    caminho = "/api/v1/conexoes/whatsapp/desconectar"
    respostas = [
        entrar("ana").post(caminho),
        Client().post(caminho, headers=token("ana")),
        Client().post(caminho, headers={"Accept-Language": "en"}),
    ]

    assert [r.json()["erro"]["mensagem"] for r in respostas] == [
        "Não encontrado.",
        "Não encontrado.",
        "As credenciais de autenticação não foram fornecidas.",
    ]
    assert not any("Content-Language" in resposta for resposta in respostas)


# --- What is kept ------------------------------------------------------------


def avisar(quem: Usuario, titulo: str, texto: str = "") -> Notificacao:
    with na(quem.organizacao_id):
        notificar(quem, titulo=titulo, texto=texto, chave=titulo)
        return (
            Notificacao.da(quem.organizacao_id)
            .select_related("usuario", "organizacao")
            .get(chave=titulo, usuario=quem)
        )


def test_who_reads_english_writes_what_others_read_in_portuguese(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    escolher(gente.ana, "en")
    navegador = entrar("ana")

    navegador.post(
        reverse("crm:equipe_pessoa", args=[gente.bruno.pk]),
        {"nome": "Bruno Barros", "papel": "admin"},
    )

    with sistema("comando"):
        aviso = Notificacao.objects.get(usuario=gente.bruno)
    assert aviso.titulo == "Seu acesso mudou"
    assert aviso.texto == (
        "Ana Alves mudou o seu acesso. Seu papel agora: Administração."
    )
    escolher(gente.bruno, "en")
    pagina = ler(entrar("bruno"), reverse("notificacoes:pagina"))
    assert "Your access changed" in pagina
    assert "Ana Alves changed your access. Your role is now: Admin." in pagina


def test_a_kept_reason_is_read_in_english(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    with na(gente.aurora):
        SessaoWhatsapp.objects.create(
            organizacao=gente.aurora,
            usuario=gente.ana,
            session_name="uma",
            motivo="O QR Code expirou sem ser lido. Gere um novo quando quiser.",
        )
    escolher(gente.ana, "en")

    pagina = ler(entrar("ana"), reverse("whatsapp:pagina"))

    assert "The QR code expired without being scanned." in pagina


@pytest.mark.parametrize(
    ("guardado", "lido"),
    [
        ("Seu WhatsApp voltou", "Your WhatsApp is back"),
        ("O número (31) 9 8888-7777 foi recusado e desconectado.",
         "The number (31) 9 8888-7777 was rejected and disconnected."),
        ("O arquivo passa de 64 MB e não foi baixado.",
         "The file is larger than 64 MB and was not downloaded."),
        ("100% de desconto? Fale comigo", "100% de desconto? Fale comigo"),
        ("por favor", "por favor"),
        ("Equipe", "Equipe"),
        ("", ""),
    ],
)  # fmt: skip
def test_only_our_own_words_are_recognised(guardado: str, lido: str) -> None:
    assert idioma.traduzir(guardado) == guardado
    with translation.override("en"):
        assert idioma.traduzir(guardado) == lido


def test_the_line_of_a_file_is_kept_in_portuguese_and_read_in_english(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    escolher(gente.ana, "en")
    with na(gente.aurora):
        contato = Contato.objects.create(organizacao=gente.aurora, nome="Rita Reis")
        foto = Mensagem(tipo=Mensagem.Tipo.IMAGEM, dados={}, remetente="")
        with translation.override("en"):
            linha = resumo(foto)
        Conversa.objects.create(
            organizacao=gente.aurora,
            contato=contato,
            canal="whatsapp",
            endereco="x",
            ultima_mensagem_texto=linha,
        )

    pagina = ler(entrar("ana"), "/conversas/")

    assert linha == "Imagem"
    assert '<span class="uma-linha" dir="auto">Image</span>' in pagina


# --- Mail --------------------------------------------------------------------


def test_a_mail_is_written_in_the_language_of_its_person(
    gente: SimpleNamespace,
) -> None:
    escolher(gente.ana, "en")
    carta: Any = compor(avisar(gente.ana, "Seu WhatsApp voltou"))
    outra: Any = compor(avisar(gente.bruno, "Seu WhatsApp voltou"))

    assert carta.subject == "Your WhatsApp is back"
    assert "Hello, Ana Alves!" in carta.body
    assert '<html lang="en"' in carta.alternatives[0].content
    assert outra.subject == "Seu WhatsApp voltou"
    assert translation.get_language() == "pt-br"


@pytest.mark.django_db(transaction=True)
def test_a_forgotten_password_is_answered_in_the_persons_language(
    gente: SimpleNamespace,
) -> None:
    escolher(gente.ana, "en")

    Client().post(reverse("account_reset_password"), {"email": "ana@exemplo.test"})
    drenos.drenar_saida()

    assert mail.outbox[-1].subject == "[Conexões] Create your new password"
    assert "Someone asked to change the password" in mail.outbox[-1].body


def test_a_changed_password_is_told_in_the_persons_language(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    escolher(gente.ana, "en")

    pagina = entrar("ana").post(
        reverse("account_change_password"),
        {"oldpassword": SENHA, "password1": "123", "password2": "123"},
    )

    assert "This password is too short." in pagina.content.decode()
