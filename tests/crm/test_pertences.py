"""What hangs on a contact goes with it when two are united, and comes back."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.forms.models import model_to_dict
from django.utils import timezone

from conexoes.tenancy import na
from crm.models import (
    CampoPersonalizado,
    Contato,
    Oportunidade,
    Tag,
    TagDoContato,
    UniaoDeContatos,
)
from crm.services import tags, unioes
from meta.models import ConexaoMeta, LeadCapturado, PaginaMeta
from tests.crm.conftest import novo_contato
from tests.crm.funil import nova

pytestmark = pytest.mark.django_db


@pytest.fixture
def campos(gente: SimpleNamespace) -> list[str]:
    with na(gente.aurora):
        return [
            str(CampoPersonalizado.objects.create(organizacao=gente.aurora, nome=n).pk)
            for n in ("Cor", "Renda")
        ]


@pytest.fixture
def outra(gente: SimpleNamespace, campos: list[str]) -> Contato:
    """Rita again, of whom more is known."""
    return novo_contato(
        gente.aurora,
        "Rita R.",
        origem="meta",
        empresa="Reis e Cia.",
        cargo="Sócia",
        documento="52998224725",
        cidade="Betim",
        estado="MG",
        cep="32600000",
        nascimento=date(1990, 12, 31),
        campos={campos[0]: "azul", campos[1]: "10"},
        responsavel=gente.bruno,
        mql_em=timezone.now(),
    )


def unir(mantido: Contato, absorvido: Contato) -> UniaoDeContatos:
    with na(mantido.organizacao_id):
        return unioes.unir(mantido, absorvido)


def desfazer(uniao: UniaoDeContatos, autor: Any) -> Contato:
    with na(uniao.organizacao_id):
        return unioes.desfazer(uniao, autor=autor)


def retrato(contato: Contato) -> dict[str, Any]:
    """Everything a contact's row says, and what hangs on it."""
    with na(contato.organizacao_id):
        linha = Contato.objects.get(pk=contato.pk)
        fora = ["organizacao"]
        marcas = TagDoContato.objects.filter(contato=linha)
        deles = Oportunidade.objects.filter(contato=linha)
        return {
            **model_to_dict(linha, exclude=fora),
            "criado_em": linha.criado_em,
            "busca": linha.busca,
            "tags": sorted(marcas.values_list("tag__nome", flat=True)),
            "oportunidades": sorted(deles.values_list("titulo", flat=True)),
        }


def test_a_contact_gains_what_it_lacked_and_keeps_its_own(
    rita: Contato, outra: Contato, campos: list[str], gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        Contato.objects.filter(pk=rita.pk).update(
            cidade="Contagem", campos={campos[0]: "verde"}
        )

    unir(rita, outra)

    depois = retrato(rita)
    assert (depois["nome"], depois["empresa"]) == ("Rita Reis", "Reis e Cia.")
    assert (depois["cidade"], depois["nascimento"]) == ("Contagem", date(1990, 12, 31))
    assert depois["campos"] == {campos[0]: "verde", campos[1]: "10"}
    assert depois["responsavel"] == gente.bruno.pk
    assert depois["mql_em"] == outra.mql_em


def test_undoing_leaves_both_as_they_were(
    rita: Contato, outra: Contato, gente: SimpleNamespace
) -> None:
    nova(rita, "Casa")
    nova(outra, "Sítio")
    with na(gente.aurora):
        tags.definir(rita, ["VIP", "Obra"])
        tags.definir(outra, ["VIP", "Aluguel"])
    antes = retrato(rita), retrato(outra)

    uniao = unir(rita, outra)
    unida = retrato(rita)
    assert unida["tags"] == ["Aluguel", "Obra", "VIP"]
    assert unida["oportunidades"] == ["Casa", "Sítio"]
    de_volta = desfazer(uniao, gente.ana)

    assert (retrato(rita), retrato(de_volta)) == antes


def test_what_changed_since_then_stays_with_who_was_kept(
    rita: Contato, outra: Contato, campos: list[str], gente: SimpleNamespace
) -> None:
    uniao = unir(rita, outra)
    nova(rita, "Depois")
    with na(gente.aurora):
        agora = Contato.objects.get(pk=rita.pk)
        agora.cargo, agora.campos = "Diretora", agora.campos | {campos[0]: "rosa"}
        agora.save()

    de_volta = desfazer(uniao, gente.ana)

    depois = retrato(rita)
    assert (depois["cargo"], depois["empresa"]) == ("Diretora", "")
    assert depois["campos"] == {campos[0]: "rosa"}
    assert depois["oportunidades"] == ["Depois"]
    assert retrato(de_volta)["cargo"] == "Sócia"


def test_a_tag_deleted_meanwhile_does_not_come_back(
    rita: Contato, outra: Contato, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        tags.definir(rita, ["VIP"])
        tags.definir(outra, ["VIP", "Aluguel"])
    uniao = unir(rita, outra)
    with na(gente.aurora):
        tags.apagar(Tag.objects.get(nome="VIP"), autor=gente.ana)

    de_volta = desfazer(uniao, gente.ana)

    assert retrato(de_volta)["tags"] == ["Aluguel"]


def test_rows_of_an_integration_go_along_and_come_back(
    rita: Contato, outra: Contato, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        conexao = ConexaoMeta.objects.create(
            organizacao=gente.aurora, access_token="t", conectada_por=gente.ana
        )
        pagina = PaginaMeta.objects.create(
            organizacao=gente.aurora, conexao=conexao, page_id="1", page_name="Aurora"
        )
        lead = LeadCapturado.objects.create(
            organizacao=gente.aurora,
            leadgen_id="77",
            pagina=pagina,
            page_id="1",
            contato=outra,
        )

    uniao = unir(rita, outra)
    with na(gente.aurora):
        lead.refresh_from_db()
        assert lead.contato_id == rita.pk
    desfazer(uniao, gente.ana)

    with na(gente.aurora):
        lead.refresh_from_db()
        assert lead.contato_id == outra.pk


def test_a_union_of_before_more_was_kept_can_be_undone(
    rita: Contato, outra: Contato, gente: SimpleNamespace
) -> None:
    uniao = unir(rita, outra)
    with na(gente.aurora):
        antigos = ("identidades", "unioes", "conversas", "conversas_unidas")
        uniao.movidos = {chave: uniao.movidos[chave] for chave in antigos}
        mantidos = ("id", "criado_em", "nome", "telefone", "email", "origem")
        uniao.absorvido = {chave: uniao.absorvido[chave] for chave in mantidos}
        uniao.save()

    de_volta = desfazer(uniao, gente.ana)

    assert (de_volta.nome, de_volta.empresa) == ("Rita R.", "")
