"""Files that go out with a message."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conexoes import arquivos
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem, Midia
from crm.services import envios, midias
from tests.sandbox.conftest import CHAVE
from tests.servidor import Servidor
from tests.trabalho import drenar_saida
from tests.whatsapp.dominio import CHAT, uma
from tests.whatsapp.midias.arquivos import HTML, ID, JPEG
from whatsapp.client import WahaClient
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import midias as no_whatsapp

pytestmark = pytest.mark.django_db


def preparar(conversa: Conversa, autor: Any, nome: str, dados: bytes) -> Mensagem:
    [anexo] = midias.conferir([SimpleUploadedFile(nome, dados)])
    with na(conversa.organizacao_id):
        return envios.enviar_arquivo(
            conversa, anexo=anexo, legenda="segue 📎", autor=autor
        )


@pytest.mark.parametrize(
    ("nome", "dados", "endpoint", "mimetype"),
    [
        ("foto.jpg", JPEG, "sendImage", "image/jpeg"),
        ("nota.pdf", b"%PDF-1.4\n%%EOF", "sendFile", "application/pdf"),
        ("lista.csv", b"a;b\n1;2\n", "sendFile", "text/csv"),
        ("pagina.jpg", HTML, "sendFile", "application/octet-stream"),
    ],
)
def test_a_file_goes_out_as_what_it_is(
    parada: Conversa,
    servidor: Servidor,
    gente: Any,
    nome: str,
    dados: bytes,
    endpoint: str,
    mimetype: str,
) -> None:
    mensagem = preparar(parada, gente.ana, nome, dados)
    servidor.respostas = [(201, {"key": {"id": "3EB0A", "fromMe": True}})]

    id_externo = no_whatsapp.enviar(
        WahaClient(servidor.url, CHAVE),
        uma(SessaoWhatsapp),
        CHAT,
        mensagem,
        no_whatsapp.ler_anexo(mensagem),
        ID,
    )

    [(_, caminho, corpo)] = servidor.pedidos
    assert id_externo == "3EB0A"
    assert caminho == f"/api/{endpoint}"
    assert b64decode(corpo["file"]["data"]) == dados
    assert (corpo["file"]["filename"], corpo["file"]["mimetype"]) == (nome, mimetype)
    assert (corpo["caption"], corpo["reply_to"]) == ("segue 📎", ID)


def test_the_queue_sends_a_file_with_its_text_and_its_quote(
    parada: Conversa, waha: Servidor, gente: Any
) -> None:
    citada = uma(Mensagem)
    waha.respostas = [(201, {"key": {"id": "3EB0B", "fromMe": True}})]
    [anexo] = midias.conferir([SimpleUploadedFile("foto.jpg", JPEG)])
    with na(parada.organizacao_id):
        mensagem = envios.enviar_arquivo(
            parada, anexo=anexo, legenda="aqui", autor=gente.ana, cita=citada.pk
        )

    drenar_saida()

    [(_, caminho, corpo)] = waha.pedidos
    assert (caminho, corpo["caption"]) == ("/api/sendImage", "aqui")
    assert corpo["reply_to"] == f"false_{CHAT}_{citada.id_externo}"
    assert uma(Mensagem, pk=mensagem.pk).status == "enviada"


def test_a_lost_file_is_not_sent(parada: Conversa, waha: Servidor, gente: Any) -> None:
    [anexo] = midias.conferir([SimpleUploadedFile("foto.jpg", JPEG)])
    with na(parada.organizacao_id):
        mensagem = envios.enviar_arquivo(
            parada, anexo=anexo, legenda="aqui", autor=gente.ana
        )
    arquivos.remover(uma(Midia).arquivo)

    drenar_saida()

    perdida = uma(Mensagem, pk=mensagem.pk)
    assert perdida.status == "falhou"
    assert "não está mais guardado" in perdida.motivo
    assert waha.pedidos == []
