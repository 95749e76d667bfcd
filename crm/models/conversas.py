"""What was said: conversations, messages, reactions and files."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models import DaOrganizacao
from crm.models.contatos import Contato
from crm.models.pessoas import Usuario


class Conversa(DaOrganizacao):
    """What one contact and one of our connections said to each other.

    ``conexao_id`` names the provider's row without pointing at it; ``endereco`` is
    where the next answer goes; ``responsavel`` owns the connection; ``atendente`` is
    who takes care of it, nobody in particular when empty. What the customer writes
    reopens what was concluded (``concluida_em``).
    """

    contato = ChaveDaOrganizacao(
        Contato, on_delete=models.CASCADE, related_name="conversas"
    )
    canal = models.CharField("canal", max_length=20)
    conexao_id = models.UUIDField(null=True, blank=True)
    conexao_nome = models.CharField(max_length=255, blank=True)
    endereco = models.CharField(max_length=255)
    responsavel = ChaveDaOrganizacao(
        Usuario, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    nao_lidas = models.IntegerField(default=0)
    ultima_mensagem_em = models.DateTimeField(db_default=Now())
    ultima_mensagem_texto = models.CharField(max_length=200, blank=True)
    ultima_direcao = models.CharField(max_length=10, blank=True)
    ultimo_status = models.CharField(max_length=20, blank=True)
    atendente = ChaveDaOrganizacao(
        Usuario, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    concluida_em = models.DateTimeField(null=True, blank=True)
    # When we wrote first to somebody who had not written: what a daily budget counts.
    iniciada_por_nos_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "conversas"
        verbose_name = "conversa"
        verbose_name_plural = "conversas"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "conexao_id", "contato"], name="conversas_uma"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organizacao", "-ultima_mensagem_em", "-id"],
                name="conversas_lista",
            ),
            models.Index(
                fields=["organizacao"],
                name="conversas_nao_lidas",
                condition=models.Q(nao_lidas__gt=0),
            ),
            models.Index(
                fields=["organizacao", "atendente", "-ultima_mensagem_em", "-id"],
                name="conversas_do_atendente",
            ),
            models.Index(
                fields=["organizacao", "-ultima_mensagem_em", "-id"],
                name="conversas_esperando",
                condition=models.Q(ultima_direcao="entrada", concluida_em=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.canal} {self.id}"

    def get_absolute_url(self) -> str:
        return reverse("crm:conversa", args=[self.pk])


class Mensagem(DaOrganizacao):
    """One thing said, in or out; its provider id is unique in its connection."""

    class Direcao(models.TextChoices):
        ENTRADA = "entrada", _("Recebida")
        SAIDA = "saida", _("Enviada")
        # Between colleagues: never leaves, and is never "the last message".
        INTERNA = "interna", _("Nota interna")

    class Status(models.TextChoices):
        RECEBIDA = "recebida", _("Recebida")
        PENDENTE = "pendente", _("Na fila de envio")
        ENVIANDO = "enviando", _("Enviando")
        INCERTA = "incerta", _("Não sabemos se chegou")
        FALHOU = "falhou", _("Não foi enviada")
        ENVIADA = "enviada", _("Enviada")
        ENTREGUE = "entregue", _("Entregue")
        LIDA = "lida", _("Lida")
        NOTA = "nota", _("Nota interna")

    class Tipo(models.TextChoices):
        TEXTO = "texto", _("Texto")
        IMAGEM = "imagem", _("Imagem")
        VIDEO = "video", _("Vídeo")
        AUDIO = "audio", _("Áudio")
        DOCUMENTO = "documento", _("Documento")
        FIGURINHA = "figurinha", _("Figurinha")
        LOCALIZACAO = "localizacao", _("Localização")
        CONTATO = "contato", _("Contato")
        NAO_SUPORTADO = "nao_suportado", _("Conteúdo ainda não mostrado aqui")

    conversa = ChaveDaOrganizacao(
        Conversa, on_delete=models.CASCADE, related_name="mensagens"
    )
    conexao_id = models.UUIDField(null=True, blank=True)
    direcao = models.CharField(max_length=10, choices=Direcao)
    tipo = models.CharField(max_length=20, choices=Tipo, default=Tipo.TEXTO)
    texto = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=Status)
    motivo = models.CharField(max_length=500, blank=True)
    id_externo = models.CharField(max_length=255, blank=True)
    autor = ChaveDaOrganizacao(
        Usuario, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    do_celular = models.BooleanField(default=False)
    # Who of a group said it; "" in a conversation with one person.
    remetente = models.CharField(max_length=255, blank=True, db_default="")
    # What has no text: {"latitude", "longitude", "titulo"} of a place, {"cartoes":
    # [{"nome", "telefones"}]} of contact cards.
    dados = models.JSONField(default=dict, db_default=models.Value("{}"))
    cita = ChaveDaOrganizacao(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What was quoted, as the quote showed it: the message may not be here.
    citacao = models.CharField(max_length=300, blank=True, db_default="")
    editada_em = models.DateTimeField(null=True, blank=True)
    apagada_em = models.DateTimeField(null=True, blank=True)
    # When it was said: the provider's clock for what came in, ours for what goes out.
    momento = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "mensagens"
        verbose_name = "mensagem"
        verbose_name_plural = "mensagens"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "conexao_id", "id_externo"],
                name="mensagens_id_externo_unico",
                condition=~models.Q(id_externo=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organizacao", "conversa", "-momento", "-id"],
                name="mensagens_conversa",
            ),
            # A search for a common word goes through the newest messages.
            models.Index(
                fields=["organizacao", "-momento", "-id"], name="mensagens_mais_novas"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direcao} {self.id}"

    @property
    def status_legivel(self) -> str:
        return self.get_status_display()

    @property
    def chave_do_envio(self) -> str:
        """The idempotency key of the one intent to send it."""
        return f"mensagem:{self.pk}"


class Reacao(DaOrganizacao):
    """An emoji somebody put on a message; ``de`` is "eu" or the address of who did."""

    mensagem = ChaveDaOrganizacao(
        Mensagem, on_delete=models.CASCADE, related_name="reacoes"
    )
    de = models.CharField(max_length=255)
    emoji = models.CharField(max_length=64)
    momento = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "reacoes"
        verbose_name = "reação"
        verbose_name_plural = "reações"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "mensagem", "de"], name="reacoes_uma"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.emoji} {self.mensagem_id}"


class Midia(DaOrganizacao):
    """The file of a message: on its way here, here, or lost.

    ``arquivo`` is its key in the private store, ``tamanho`` bytes, ``mimetype`` what
    its content turned out to be (until it is here, what its sender claims). ``origem``
    tells the channel where to fetch it.
    """

    class Status(models.TextChoices):
        PENDENTE = "pendente", _("Baixando")
        PRONTA = "pronta", _("Disponível")
        FALHOU = "falhou", _("Não foi possível baixar")

    mensagem = ChaveDaOrganizacao(
        Mensagem, on_delete=models.CASCADE, related_name="midias"
    )
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDENTE)
    motivo = models.CharField(max_length=300, blank=True)
    nome = models.CharField(max_length=255, blank=True)
    mimetype = models.CharField(max_length=100, blank=True)
    tamanho = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    arquivo = models.CharField(max_length=255, blank=True)
    origem = models.TextField(blank=True)

    class Meta:
        db_table = "midias"
        verbose_name = "mídia"
        verbose_name_plural = "mídias"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "mensagem"], name="midias_uma_por_mensagem"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mimetype} {self.id}"
