"""Contacts that are qualified leads: told once for each time they become one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conexoes.erros import ErroDeDominio
from conexoes.models import RegistroAuditoria
from conexoes.tenancy import na
from crm.models import Contato
from crm.services import mql
from tests.crm.conftest import novo_contato
from tests.crm.funil import contados, ouvir
from tests.paralelo import ao_mesmo_tempo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ouvinte(monkeypatch: pytest.MonkeyPatch) -> None:
    ouvir(monkeypatch)


def marcar(contato: Contato, autor: object) -> bool:
    with na(contato.organizacao_id):
        return mql.marcar_mql(contato, autor=autor)  # type: ignore[arg-type]


def test_becoming_one_is_told_once(rita: Contato, gente: SimpleNamespace) -> None:
    assert marcar(rita, gente.bruno) is True
    assert marcar(rita, gente.bruno) is False

    [contado] = contados()
    assert contado.tipo == "contato.mql"
    assert contado.payload["contato_id"] == str(rita.pk)
    assert contado.payload["momento"] == rita.mql_em.isoformat()  # type: ignore[union-attr]
    with na(gente.aurora):
        assert RegistroAuditoria.objects.filter(acao="contato.mql").count() == 1


def test_becoming_one_anew_is_told_anew(rita: Contato, gente: SimpleNamespace) -> None:
    marcar(rita, gente.bruno)
    with na(gente.aurora):
        assert mql.desmarcar_mql(rita, autor=gente.bruno) is True
        assert mql.desmarcar_mql(rita, autor=gente.bruno) is False
        assert Contato.objects.get(pk=rita.pk).mql_em is None
    marcar(rita, gente.bruno)

    assert len({contado.chave for contado in contados()}) == 2


def test_a_group_is_no_lead(gente: SimpleNamespace) -> None:
    grupo = novo_contato(gente.aurora, "Time", e_grupo=True)

    with pytest.raises(ErroDeDominio):
        marcar(grupo, gente.bruno)

    assert contados() == []


@pytest.mark.django_db(transaction=True)
def test_many_who_say_so_at_once_say_it_once(
    rita: Contato, gente: SimpleNamespace
) -> None:
    def tentar() -> bool:
        with na(gente.aurora):
            return mql.marcar_mql(Contato.objects.get(pk=rita.pk), autor=gente.bruno)

    assert sorted(ao_mesmo_tempo(*[tentar] * 3)) == [False, False, True]
    assert len(contados()) == 1
