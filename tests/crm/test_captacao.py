from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from conexoes.tenancy import na, sistema
from crm.models import (
    Contato,
    EtapaFunil,
    Funil,
    MovimentoDaOportunidade,
    Oportunidade,
    TagDoContato,
    Usuario,
    VezNoFunil,
)
from crm.services.captacao import Ficha, captar
from crm.services.contatos import contato_do_canal
from crm.services.funis import arquivar_funil, criar_funil, etapas_do, funil_padrao
from tests.paralelo import ao_mesmo_tempo

pytestmark = pytest.mark.django_db

RITA = Ficha(
    "lead:1",
    "meta",
    nome="Rita Lima",
    telefone="+5531988887777",
    email="Rita@Exemplo.test ",
    empresa="Lima & Filhas",
    nascimento=date(1990, 5, 1),
    campos={"c1": "sim"},
    tags=("Facebook", "facebook", "Imóvel"),
    valor=Decimal("1500.00"),
)


@pytest.fixture
def aurora(gente):
    with na(gente.aurora):
        yield gente.aurora


def contato(organizacao, **campos):
    return Contato.objects.create(
        organizacao=organizacao, **{"nome": "Já Conhecida", **campos}
    )


def um(organizacao, ficha):
    [captado] = captar(organizacao.pk, [ficha])
    return captado, Contato.da(organizacao).get(pk=captado.contato_id)


def test_new_lead_becomes_contact_and_deal(aurora, gente):
    captado, rita = um(aurora, RITA)

    assert captado.contato_novo
    assert captado.oportunidade_nova
    assert (rita.nome, rita.telefone, rita.email) == (
        "Rita Lima",
        "+5531988887777",
        "rita@exemplo.test",
    )
    assert (rita.telefone_chave, rita.busca) == (
        "553188887777",
        "rita lima rita@exemplo.test +5531988887777 lima & filhas",
    )
    assert (rita.origem, rita.empresa) == ("meta", "Lima & Filhas")
    assert (rita.nascimento, rita.campos) == (date(1990, 5, 1), {"c1": "sim"})
    assert rita.responsavel_id == captado.responsavel_id == gente.bruno.pk
    negocio = Oportunidade.da(aurora).get()
    assert negocio.pk == captado.oportunidade_id
    assert (negocio.contato_id, negocio.titulo) == (rita.pk, "Rita Lima")
    assert (negocio.etapa.nome, negocio.funil.nome) == ("Novo", "Vendas")
    assert (negocio.valor, negocio.origem) == (Decimal("1500.00"), "meta")
    passo = MovimentoDaOportunidade.da(aurora).get()
    assert (passo.de_etapa_id, passo.para_etapa_id) == (None, negocio.etapa_id)
    marcas = TagDoContato.da(aurora).order_by("tag__chave")
    assert [m.tag.chave for m in marcas] == ["facebook", "imovel"]


def test_repeated_it_is_the_same_contact_and_deal(aurora):
    antes, _ = um(aurora, RITA)

    [depois, tambem] = captar(aurora.pk, [RITA, RITA])

    assert depois == tambem
    assert (depois.contato_id, depois.oportunidade_id) == (
        antes.contato_id,
        antes.oportunidade_id,
    )
    assert not (depois.contato_novo)
    assert not (depois.oportunidade_nova)
    assert Contato.da(aurora).count() == Oportunidade.da(aurora).count() == 1
    assert MovimentoDaOportunidade.da(aurora).count() == 1
    assert VezNoFunil.da(aurora).get(recebidos__gt=0).recebidos == 1


def test_same_lead_twice_in_one_call_is_one(aurora):
    um_, outro = captar(aurora.pk, [RITA, RITA])

    assert um_.oportunidade_id == outro.oportunidade_id
    assert Contato.da(aurora).count() == Oportunidade.da(aurora).count() == 1


@pytest.mark.parametrize(
    "telefone", ["+5531988887777", "+553188887777"], ids=["with the 9", "without"]
)
def test_known_by_phone_however_it_was_kept(aurora, telefone):
    conhecida = contato(aurora, telefone=telefone)

    captado, achada = um(aurora, RITA)

    assert (captado.contato_id, captado.contato_novo) == (conhecida.pk, False)
    assert achada.telefone == telefone


def test_known_contact_gets_what_it_lacks_and_keeps_what_was_typed(aurora, gente):
    conhecida = contato(
        aurora,
        telefone="+5531988887777",
        empresa="Outra",
        campos={"c1": "não"},
        responsavel=gente.ana,
    )

    captado, achada = um(aurora, replace(RITA, campos={"c1": "sim", "c2": "B"}))

    assert achada.pk == conhecida.pk
    assert (achada.nome, achada.empresa) == ("Já Conhecida", "Outra")
    assert achada.campos == {"c1": "não", "c2": "B"}
    assert (achada.email, achada.nascimento) == ("rita@exemplo.test", date(1990, 5, 1))
    assert "rita@exemplo.test" in achada.busca
    assert achada.responsavel_id == gente.ana.pk


@pytest.mark.parametrize(
    "nome", ["", "+55 31 98888-7777", "rita@exemplo.test", "Contato sem nome"]
)
def test_nameless_contact_gets_its_name(aurora, nome):
    contato(aurora, nome=nome, telefone="+5531988887777", email="rita@exemplo.test")

    assert um(aurora, RITA)[1].nome == "Rita Lima"


def test_known_by_email_gets_the_phone(aurora):
    conhecida = contato(aurora, email="rita@exemplo.test")

    achada = um(aurora, RITA)[1]

    assert (achada.pk, achada.telefone) == (conhecida.pk, "+5531988887777")
    assert achada.telefone_chave == "553188887777"


def test_phone_wins_over_email_and_nobody_is_united(aurora):
    do_telefone = contato(aurora, telefone="+5531988887777")
    do_email = contato(aurora, nome="Outra", email="rita@exemplo.test")

    captado, achada = um(aurora, RITA)

    assert captado.contato_id == do_telefone.pk
    assert captado.outro_contato_id == do_email.pk
    assert achada.email == ""
    assert captado.ressalvas == ()
    assert Contato.da(aurora).count() == 2


@pytest.mark.parametrize(
    ("conhecida", "ressalvas"),
    [
        (
            {"telefone": "+5531977776666", "email": "rita@exemplo.test"},
            ("O lead tem outro telefone: o contato ficou com o que já tinha.",),
        ),
        (
            {"telefone": "+5531988887777", "email": "outra@exemplo.test"},
            ("O lead tem outro e-mail: o contato ficou com o que já tinha.",),
        ),
        # The same phone as people wrote it before the ninth digit.
        ({"telefone": "+553188887777", "email": "rita@exemplo.test"}, ()),
    ],
)
def test_known_contact_keeps_its_addresses_and_that_is_said(
    aurora, conhecida, ressalvas
):
    contato(aurora, **conhecida)

    captado, achada = um(aurora, RITA)

    assert captado.ressalvas == ressalvas
    assert {c: getattr(achada, c) for c in conhecida} == conhecida


def test_group_is_nobody(aurora):
    grupo = contato(aurora, email="rita@exemplo.test", e_grupo=True)

    captado, _ = um(aurora, RITA)

    assert captado.contato_novo
    assert captado.contato_id != grupo.pk


def test_oldest_of_several_with_the_email_is_meant(aurora):
    primeira, _segunda = (contato(aurora, email="rita@exemplo.test") for _ in range(2))

    assert um(aurora, replace(RITA, telefone=""))[0].contato_id == primeira.pk


def test_two_leads_of_one_new_person_are_one_contact_and_two_deals(aurora):
    por_email = Ficha("lead:2", "meta", email="rita@exemplo.test", cidade="BH")
    sem_o_nove = Ficha("lead:3", "meta", telefone="+553188887777", cep="30110-000")

    tres = captar(aurora.pk, [por_email, RITA, sem_o_nove])

    rita = Contato.da(aurora).get()
    assert {x.contato_id for x in tres} == {rita.pk}
    assert (rita.nome, rita.cidade, rita.cep) == ("Rita Lima", "BH", "30110-000")
    assert len({x.oportunidade_id for x in tres}) == 3


def test_lead_that_says_nothing_of_itself_is_one_contact_however_often(aurora):
    mudo = Ficha("lead:9", "meta", criar_oportunidade=False)
    antes, contato_ = um(aurora, mudo)

    depois, _ = um(aurora, replace(mudo, contato_id=antes.contato_id))

    assert contato_.nome == "Contato sem nome"
    assert (depois.contato_id, depois.contato_novo) == (antes.contato_id, False)
    assert Oportunidade.da(aurora).count() == 0


def test_hostile_texts_are_kept_as_far_as_they_fit(aurora):
    estranha = Ficha(
        "lead:7",
        "meta",
        nome="Zoë\x00 \u202e" + "x" * 400,
        email="A" * 300,
        cep="1" * 50,
        telefone="",
    )

    achada = um(aurora, estranha)[1]

    assert achada.nome.startswith("Zoë \u202exxx")
    assert len(achada.nome) == 255
    assert (len(achada.email), len(achada.cep)) == (254, 9)


def test_statements_do_not_grow_with_the_batch(aurora, django_assert_num_queries):
    def fichas(inicio, quantas):
        return [
            Ficha(f"lead:{n}", "meta", nome="N", telefone=f"+5531{900000000 + n}")
            for n in range(inicio, inicio + quantas)
        ]

    captar(aurora.pk, fichas(0, 2))
    with django_assert_num_queries(12) as poucas:
        captar(aurora.pk, fichas(10, 2))
    with django_assert_num_queries(len(poucas)):
        captar(aurora.pk, fichas(100, 60))


def test_stage_and_person_that_were_chosen(aurora, gente):
    funil = criar_funil(aurora, nome="Inbound", autor=gente.ana)
    etapa = etapas_do(funil)[2]

    captado, _ = um(
        aurora, replace(RITA, etapa_id=etapa.pk, responsavel_id=gente.ana.pk)
    )

    negocio = Oportunidade.da(aurora).get()
    assert (negocio.funil_id, negocio.etapa_id) == (funil.pk, etapa.pk)
    assert (captado.responsavel_id, captado.ressalvas) == (gente.ana.pk, ())


def test_archived_stage_falls_back_to_the_first_one_in_use(aurora, gente):
    funil = criar_funil(aurora, nome="Inbound", autor=gente.ana)
    etapa = etapas_do(funil)[1]
    EtapaFunil.da(aurora).filter(pk=etapa.pk).update(arquivada_em=timezone.now())

    captado, _ = um(aurora, replace(RITA, funil_id=funil.pk, etapa_id=etapa.pk))

    assert Oportunidade.da(aurora).get().etapa.nome == "Novo"
    assert captado.ressalvas == (
        "A etapa escolhida não está mais em uso; foi para Inbound, Novo.",
    )


def test_archived_pipeline_falls_back_to_the_default_one(aurora, gente):
    funil_padrao(aurora)
    funil = criar_funil(aurora, nome="Antigo", autor=gente.ana)
    etapa = etapas_do(funil)[0]
    arquivar_funil(funil, autor=gente.ana)

    captado, _ = um(aurora, replace(RITA, funil_id=funil.pk, etapa_id=etapa.pk))

    assert Oportunidade.da(aurora).get().funil.nome == "Vendas"
    assert captado.ressalvas == (
        "O funil escolhido foi arquivado; foi para Vendas, Novo.",
    )


def test_inactive_person_gets_nothing_and_it_is_dealt_out(aurora, gente):
    Usuario.objects.filter(pk=gente.ana.pk).update(is_active=False)

    captado, _ = um(aurora, replace(RITA, responsavel_id=gente.ana.pk))

    assert captado.responsavel_id == gente.bruno.pk
    assert captado.ressalvas == (
        "A pessoa escolhida no mapeamento não está mais ativa.",
    )


def test_returning_lead_goes_to_whom_it_knows(aurora, gente):
    contato(aurora, telefone="+5531988887777", responsavel=gente.ana)

    captado, achada = um(aurora, RITA)

    assert captado.responsavel_id == achada.responsavel_id == gente.ana.pk
    assert Oportunidade.da(aurora).get().responsavel_id == gente.ana.pk
    # Nobody's turn in the pipeline was spent.
    assert not VezNoFunil.da(aurora).filter(recebidos__gt=0).exists()


def test_returning_lead_goes_to_who_was_chosen_before_whom_it_knows(aurora, gente):
    contato(aurora, telefone="+5531988887777", responsavel=gente.bruno)

    captado, achada = um(aurora, replace(RITA, responsavel_id=gente.ana.pk))

    assert captado.responsavel_id == gente.ana.pk
    assert (achada.responsavel_id, captado.ressalvas) == (gente.bruno.pk, ())


def test_returning_lead_of_somebody_who_left_is_dealt_out_and_kept(aurora, gente):
    contato(aurora, telefone="+5531988887777", responsavel=gente.ana)
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.ana.pk).update(is_active=False)

    captado, achada = um(aurora, RITA)

    assert captado.responsavel_id == achada.responsavel_id == gente.bruno.pk


def test_chosen_person_who_left_gives_way_to_whom_it_knows(aurora, gente):
    contato(aurora, telefone="+5531988887777", responsavel=gente.bruno)
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.ana.pk).update(is_active=False)

    captado, _ = um(aurora, replace(RITA, responsavel_id=gente.ana.pk))

    assert captado.responsavel_id == gente.bruno.pk
    assert captado.ressalvas == (
        "A pessoa escolhida no mapeamento não está mais ativa.",
    )


def test_leads_of_one_new_person_go_to_one(aurora, gente):
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.ana.pk).update(papel="member")
    outra = replace(RITA, chave="lead:2")
    terceira = replace(RITA, chave="lead:3", telefone="+5531977776666", email="")

    captados = captar(aurora.pk, [RITA, outra, terceira])

    de_rita, tambem, de_outra = (um.responsavel_id for um in captados)
    assert de_rita == tambem
    assert {de_rita, de_outra} == {gente.ana.pk, gente.bruno.pk}


def test_leads_are_dealt_out_evenly_whatever_batch_they_came_in(aurora, gente):
    with sistema("comando"):
        Usuario.objects.create(
            email="eva@x.test", nome="Eva", organizacao=aurora, papel="member"
        )
    for inicio in (0, 3, 6):
        captar(
            aurora.pk, [Ficha(f"lead:{inicio + n}", "meta", nome="N") for n in range(3)]
        )

    recebidos = VezNoFunil.da(aurora).order_by("recebidos")
    assert list(recebidos.values_list("recebidos", flat=True)) == [4, 5]


def test_other_organisation_is_another_world(aurora, gente):
    um(aurora, RITA)

    assert Funil.da(gente.brisa).count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("so_email", [False, True], ids=["phone", "e-mail only"])
def test_parallel_batches_make_one_contact(gente, so_email):
    def captar_em(n):
        ficha = replace(RITA, chave=f"lead:{n}")
        if so_email:
            ficha = replace(ficha, telefone="")
        with na(gente.aurora):
            return captar(gente.aurora.pk, [ficha])[0].contato_id

    ids = ao_mesmo_tempo(*[lambda n=n: captar_em(n) for n in range(6)])

    assert len(set(ids)) == 1
    with na(gente.aurora):
        assert Contato.da(gente.aurora).count() == 1
        assert Oportunidade.da(gente.aurora).count() == 6


@pytest.mark.django_db(transaction=True)
def test_message_and_lead_of_one_person_at_once_make_one_contact(gente):
    def pela_mensagem(n):
        with na(gente.aurora):
            return contato_do_canal(
                gente.aurora,
                canal="whatsapp",
                identificadores=[f"{n}@c.us"],
                telefone=f"+553198888{n:04}",
                nome="Do WhatsApp",
            ).pk

    def pelo_lead(n):
        ficha = replace(RITA, chave=f"lead:{n}", telefone=f"+553198888{n:04}", email="")
        with na(gente.aurora):
            return captar(gente.aurora.pk, [ficha])[0].contato_id

    for n in range(8):
        um_, outro = ao_mesmo_tempo(
            lambda n=n: pela_mensagem(n), lambda n=n: pelo_lead(n)
        )
        assert um_ == outro
