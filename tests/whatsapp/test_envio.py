from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.utils import timezone

from conexoes import repeticao, tasks, valkey
from conexoes.erros import ErroDeDominio, ErroTransitorio
from conexoes.models import (
    CredencialGlobal,
    EventoPendente,
    Motivo,
    RegistroAuditoria,
    Status,
)
from conexoes.tenancy import na, sistema
from crm.models import Contato, Conversa, Mensagem
from crm.services import envios
from crm.services.contatos import identificar
from crm.services.conversas import Via, conversa_com
from tests.servidor import Servidor
from tests.trabalho import apressar, drenar_saida
from tests.whatsapp.dominio import CHAT, escrever, todas, uma, usar_servidor
from tests.whatsapp.envios import atual, envio, nossas, reenviar, situacao
from tests.whatsapp.waha import Ponte
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import sessoes
from whatsapp.services.servidor import cliente

LID = "118800000000001@lid"


def test_text_goes_out_once_to_the_chat_the_customer_wrote_from(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    mensagem = escrever(conversa, "Olá, Carlos! 👋", gente.ana)
    assert situacao(mensagem) == ("pendente", Status.PENDENTE, Motivo.NENHUM)

    conectada.assentar()

    [no_celular] = [m for m in conectada.no_celular() if m["de_mim"]]
    assert (no_celular["chat"], no_celular["texto"]) == (CHAT, "Olá, Carlos! 👋")
    assert situacao(mensagem) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    assert atual(mensagem).id_externo == no_celular["id_curto"]
    assert len(todas(Mensagem)) == 2
    assert uma(SessaoWhatsapp).total_mensagens_enviadas == 1


def test_ticks_follow_the_message(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    mensagem = escrever(conversa, "Olá!", gente.ana)
    conectada.assentar()
    id_externo = atual(mensagem).id_externo

    conectada.mandar(f"mensagens/{id_externo}/entregar")
    conectada.ate(lambda: atual(mensagem).status == "entregue")
    conectada.mandar(f"mensagens/{id_externo}/ler")
    conectada.ate(lambda: atual(mensagem).status == "lida")

    assert uma(Conversa).ultimo_status == "lida"


def test_refusal_by_whatsapp_is_shown(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    mensagem = escrever(conversa, "Olá!", gente.ana)
    conectada.assentar()

    conectada.mandar(f"mensagens/{atual(mensagem).id_externo}/recusar")

    conectada.ate(lambda: atual(mensagem).status == "falhou")
    assert atual(mensagem).motivo == "O WhatsApp não conseguiu entregar esta mensagem."


def test_what_whatsapp_refused_may_be_sent_again(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    mensagem = escrever(conversa, "Olá!", gente.ana)
    conectada.assentar()
    conectada.mandar(f"mensagens/{atual(mensagem).id_externo}/recusar")
    conectada.ate(lambda: atual(mensagem).status == "falhou")

    reenviar(mensagem, gente.ana)
    conectada.assentar()

    assert atual(mensagem).status == "enviada"
    assert nossas(conectada) == ["Olá!", "Olá!"]


@pytest.mark.parametrize("duplicar", ["evento", "identica"])
def test_duplicated_and_shuffled_webhooks_change_nothing(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace, duplicar: str
) -> None:
    conectada.sandbox.controle("webhooks", duplicar=duplicar, embaralhar=True)
    mensagem = escrever(conversa, "Olá!", gente.ana)
    conectada.mandar("cliente", numero="5531988887777", texto="Tudo bem?")

    conectada.assentar()

    assert situacao(mensagem) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    textos = sorted(m.texto for m in todas(Mensagem))
    assert textos == ["Bom dia", "Olá!", "Tudo bem?"]
    assert uma(SessaoWhatsapp).total_mensagens_enviadas == 1


def test_two_answers_of_one_conversation_keep_their_order(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    conectada.falhar("erro_429", segundos=1, alvo="sendText")
    primeira = escrever(conversa, "um", gente.ana)
    segunda = escrever(conversa, "dois", gente.ana)

    drenar_saida()
    assert nossas(conectada) == []
    assert situacao(segunda) == ("pendente", Status.PENDENTE, Motivo.NENHUM)
    apressar()
    conectada.assentar()

    assert nossas(conectada) == ["um", "dois"]
    assert atual(primeira).status == atual(segunda).status == "enviada"


def test_other_conversations_do_not_wait(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    conectada.mandar("cliente", numero="5511955554444", texto="Oi", nome="Duda")
    conectada.ate(lambda: len(todas(Conversa)) == 2)
    outra = uma(Conversa, contato__nome="Duda")
    conectada.falhar("erro_429", segundos=30, alvo="sendText")
    escrever(conversa, "presa", gente.ana)
    drenar_saida()

    escrever(outra, "livre", gente.ana)
    conectada.assentar()

    assert nossas(conectada) == ["livre"]


def test_throttled_send_waits_as_told_and_spends_no_attempt(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    conectada.falhar("erro_429", segundos=45, alvo="sendText")
    mensagem = escrever(conversa, "Olá!", gente.ana)
    antes = timezone.now()

    drenar_saida()

    evento = envio(mensagem)
    assert situacao(mensagem) == ("pendente", Status.PENDENTE, Motivo.RETRY)
    assert evento.tentativas == 0
    assert evento.proxima_tentativa >= antes + timedelta(seconds=45)
    assert evento.chamada_iniciada_em is None
    assert nossas(conectada) == []


def test_without_connection_the_answer_waits_and_says_so(
    parada: Conversa, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        SessaoWhatsapp.objects.update(status="failed")
    mensagem = escrever(parada, "Olá!", gente.ana)

    drenar_saida()

    assert situacao(mensagem) == ("pendente", Status.PENDENTE, Motivo.PAUSADA)
    assert atual(mensagem).motivo == (
        "O WhatsApp está desconectado. A mensagem sai quando ele for conectado."
    )
    assert envio(mensagem).tentativas == 0
    assert envio(mensagem).chamada_iniciada_em is None


def test_waiting_answer_leaves_when_the_connection_returns(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    conectada.sandbox.controle("velocidade", fator=1)
    conectada.mandar("internet", segundos=60)
    conectada.ate(lambda: uma(SessaoWhatsapp).status == "connecting")
    mensagem = escrever(conversa, "Olá!", gente.ana)
    drenar_saida()
    assert situacao(mensagem) == ("pendente", Status.PENDENTE, Motivo.PAUSADA)

    conectada.sandbox.controle("velocidade", fator=0.001)
    conectada.ate(lambda: atual(mensagem).status == "enviada")

    assert nossas(conectada) == ["Olá!"]
    assert atual(mensagem).motivo == ""


def test_answer_that_waited_a_day_expires(
    parada: Conversa, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        SessaoWhatsapp.objects.update(status="failed")
    mensagem = escrever(parada, "Olá!", gente.ana)
    evento = envio(mensagem)
    assert round((evento.expira_em - evento.criado_em).total_seconds()) == 24 * 3600
    drenar_saida()
    assert envio(mensagem).motivo == Motivo.PAUSADA

    with na(gente.aurora):
        EventoPendente.objects.update(expira_em=timezone.now())
    apressar()
    drenar_saida()

    assert situacao(mensagem) == ("falhou", Status.FALHOU, Motivo.EXPIRADA)
    assert atual(mensagem).motivo != ""


def test_expired_answer_says_that_it_expired(
    parada: Conversa, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        SessaoWhatsapp.objects.update(status="failed")
    mensagem = escrever(parada, "Olá!", gente.ana)
    drenar_saida()
    with na(gente.aurora):
        EventoPendente.objects.update(expira_em=timezone.now())

    apressar()
    drenar_saida()

    # Not the old "it leaves when the connection returns", which is no longer true.
    assert atual(mensagem).motivo == "Perdeu a validade antes de sair"


def test_server_out_of_reach_three_times_is_a_failure_one_may_repeat(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    usar_servidor("http://127.0.0.1:1")
    mensagem = escrever(conversa, "Olá!", gente.ana)
    for tentativa in (1, 2):
        apressar()
        drenar_saida()
        assert situacao(mensagem) == ("pendente", Status.PENDENTE, Motivo.RETRY)
        assert envio(mensagem).tentativas == tentativa
    apressar()
    drenar_saida()
    assert situacao(mensagem) == ("falhou", Status.FALHOU, Motivo.ESGOTADA)
    assert atual(mensagem).motivo == ("O servidor do WhatsApp não respondeu.")
    linha = envio(mensagem).pk

    usar_servidor(f"{conectada.sandbox.base}/waha")
    reenviar(mensagem, gente.ana)
    assert atual(mensagem).status == "pendente"
    conectada.assentar()

    assert envio(mensagem).pk == linha
    assert situacao(mensagem) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    assert nossas(conectada) == ["Olá!"]
    assert "mensagem.reenviada" in [r.acao for r in todas(RegistroAuditoria)]


def test_what_was_sent_is_not_sent_again(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    mensagem = escrever(conversa, "Olá!", gente.ana)
    conectada.assentar()

    with pytest.raises(ErroDeDominio):
        reenviar(mensagem, gente.ana)

    conectada.assentar()
    assert nossas(conectada) == ["Olá!"]
    assert atual(mensagem).status == "enviada"


def test_colleague_may_not_repeat_what_is_not_theirs(
    parada: Conversa, gente: SimpleNamespace
) -> None:
    usar_servidor("http://127.0.0.1:1")
    mensagem = escrever(parada, "Olá!", gente.ana)
    for _ in range(3):
        apressar()
        drenar_saida()

    with pytest.raises(ErroDeDominio):
        reenviar(mensagem, gente.bruno)

    assert situacao(mensagem) == ("falhou", Status.FALHOU, Motivo.ESGOTADA)


def test_refused_key_pauses_the_send_and_asks_the_super_admin(
    conectada: Ponte,
    conversa: Conversa,
    gente: SimpleNamespace,
) -> None:
    conectada.falhar("erro_401", alvo="sendText")
    mensagem = escrever(conversa, "Olá!", gente.ana)

    drenar_saida()

    assert situacao(mensagem) == ("pendente", Status.PENDENTE, Motivo.PAUSADA)
    assert envio(mensagem).tentativas == 0
    recusa = "O servidor WAHA recusou a chave de API configurada."
    assert uma(CredencialGlobal).problema == recusa
    tasks.alertar()
    assert [m.to for m in mail.outbox] == [["sofia@exemplo.test"]]
    # No tenant is asked to reconnect.
    assert (uma(SessaoWhatsapp).status, uma(SessaoWhatsapp).motivo) == ("connected", "")

    with sistema("fila"):
        repeticao.retomar_destinos("whatsapp")
    conectada.assentar()

    assert nossas(conectada) == ["Olá!"]


def test_super_admin_is_told_once(
    conectada: Ponte,
    conversa: Conversa,
    gente: SimpleNamespace,
) -> None:
    conectada.falhar("erro_401", chamadas=2, alvo="sendText")
    escrever(conversa, "Olá!", gente.ana)
    drenar_saida()
    apressar()
    drenar_saida()

    tasks.alertar()
    assert len(mail.outbox) == 1


def test_open_breaker_is_a_wait_and_not_a_failure(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    conectada.falhar("erro_500", chamadas=3, alvo="version")
    for _ in range(3):
        with pytest.raises(ErroTransitorio):
            cliente().versao()
    mensagem = escrever(conversa, "Olá!", gente.ana)

    drenar_saida()

    assert situacao(mensagem) == ("pendente", Status.PENDENTE, Motivo.RETRY)
    assert envio(mensagem).tentativas == 0
    assert "/api/sendText" not in [c[1] for c in conectada.chamadas()]
    valkey.cliente().flushdb()
    apressar()
    conectada.assentar()
    assert nossas(conectada) == ["Olá!"]


def test_session_that_the_server_lost_pauses_the_send(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    conectada.sandbox.controle("webhooks", descartar=5)
    conectada.sandbox.api("DELETE", f"/api/sessions/{conectada.nome}")
    mensagem = escrever(conversa, "Olá!", gente.ana)

    drenar_saida()

    assert situacao(mensagem) == ("pendente", Status.PENDENTE, Motivo.PAUSADA)
    assert atual(mensagem).motivo == "O WhatsApp não está conectado no servidor."


def test_refusal_for_good_is_told(
    parada: Conversa, gente: SimpleNamespace, servidor: Servidor
) -> None:
    usar_servidor(servidor.url)
    servidor.respostas = [(400, {"message": ["chatId must be a string"]})]
    mensagem = escrever(parada, "Olá!", gente.ana)

    drenar_saida()

    assert situacao(mensagem) == ("falhou", Status.FALHOU, Motivo.PERMANENTE)
    assert atual(mensagem).motivo == (
        "O servidor do WhatsApp recusou o pedido e não adianta repeti-lo."
    )


def test_send_is_one_request_with_these_fields(
    parada: Conversa, gente: SimpleNamespace, servidor: Servidor
) -> None:
    usar_servidor(servidor.url)
    servidor.respostas = [(201, {"key": {"id": "3EB0A"}})]
    escrever(parada, "Olá!", gente.ana)

    drenar_saida()

    corpo = {
        "session": uma(SessaoWhatsapp).session_name,
        "chatId": CHAT,
        "text": "Olá!",
        "linkPreview": True,
    }
    assert servidor.pedidos == [("POST", "/api/sendText", corpo)]


def test_quote_names_the_message_it_answers(
    parada: Conversa, gente: SimpleNamespace, servidor: Servidor
) -> None:
    usar_servidor(servidor.url)
    servidor.respostas = [(201, {"key": {"id": "3EB0A"}})]
    citada = uma(Mensagem)
    with na(gente.aurora):
        envios.enviar_texto(parada, texto="Sim!", autor=gente.ana, cita=citada.pk)

    drenar_saida()

    [(_, _, corpo)] = servidor.pedidos
    assert corpo["reply_to"] == f"false_{CHAT}_{citada.id_externo}"


def test_quote_names_it_by_the_address_that_it_was_said_at(
    parada: Conversa, gente: SimpleNamespace, servidor: Servidor
) -> None:
    usar_servidor(servidor.url)
    servidor.respostas = [(201, {"key": {"id": "3EB0A"}})]
    citada, sessao = uma(Mensagem), uma(SessaoWhatsapp)
    with na(gente.aurora):
        via = Via("whatsapp", sessao.pk, parada.conexao_nome, gente.ana.pk)
        contato = Contato.objects.get(pk=parada.contato_id)
        # The person hides their number from now on.
        agora = conversa_com(contato, via, endereco=LID)
        identificar(contato, canal="whatsapp", identificador=LID)
        envios.enviar_texto(agora, texto="Sim!", autor=gente.ana, cita=citada.pk)

    drenar_saida()

    [(_, _, corpo)] = servidor.pedidos
    assert corpo["chatId"] == LID
    assert corpo["reply_to"] == f"false_{CHAT}_{citada.id_externo}"


def test_quote_of_what_never_went_out_is_sent_without_it(
    parada: Conversa, gente: SimpleNamespace, servidor: Servidor
) -> None:
    usar_servidor(servidor.url)
    servidor.respostas = [(400, {}), (201, {"key": {"id": "3EB0A"}})]
    citada = escrever(parada, "Falhou", gente.ana)
    drenar_saida()
    resposta = escrever(parada, "Sim!", gente.ana)
    with na(gente.aurora):
        Mensagem.objects.filter(pk=resposta.pk).update(cita=citada)

    drenar_saida()

    assert "reply_to" not in servidor.pedidos[-1][2]
    assert atual(resposta).status == "enviada"


def test_first_answer_to_a_contact_goes_to_the_address_whatsapp_knows(
    conectada: Ponte, gente: SimpleNamespace
) -> None:
    from crm.models import Contato

    with na(gente.aurora, gente.ana):
        contato = Contato.objects.create(
            organizacao=gente.aurora, nome="Edu", telefone="+5531977776666"
        )
        nova = sessoes.abrir_conversa(gente.ana, contato)
    mensagem = escrever(nova, "Olá, Edu!", gente.ana)

    conectada.assentar()

    # Accounts older than the ninth digit are known without it: 201, and it never goes.
    [no_celular] = conectada.no_celular()
    assert (no_celular["texto"], no_celular["chega"]) == ("Olá, Edu!", True)
    assert atual(mensagem).status == "enviada"
