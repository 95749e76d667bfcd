import base64
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from conexoes import chaveiro, partida
from conexoes.models import Canario
from conexoes.tenancy import sistema

pytestmark = pytest.mark.django_db(transaction=True)

RAIZ = Path(__file__).parents[2]
OUTRA_CHAVE = base64.b64encode(b"9" * 32).decode()


def neste_banco(url: str) -> str:
    return urlunsplit(
        urlsplit(url)._replace(path=f"/{connection.settings_dict['NAME']}")
    )


def iniciar(codigo: str, **ambiente: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, in a directory without ``.env``."""
    todo = os.environ | {"DATABASE_URL": neste_banco(os.environ["DATABASE_URL"])}
    return subprocess.run(
        [sys.executable, "-c", codigo],
        cwd=RAIZ,
        env=todo | ambiente,
        capture_output=True,
        text=True,
        timeout=60,
    )


def recusa(codigo: str, **ambiente: str) -> str:
    """Its last words: the error, for whoever has to mend it."""
    processo = iniciar(codigo, **ambiente)
    assert processo.returncode == 1, processo.stderr
    ultima = processo.stderr.strip().splitlines()[-1]
    assert ultima.startswith("django.core.exceptions.ImproperlyConfigured: ")
    return ultima.partition(": ")[2]


def test_web_starts_and_leaves_a_canary():
    processo = iniciar("import config.asgi")

    assert (processo.returncode, processo.stderr) == (0, "")
    with sistema("partida"):
        assert Canario.objects.count() == 1


def test_web_does_not_start_without_its_key():
    texto = recusa("import config.asgi", INTEGRATIONS_KEY="")

    assert texto == (
        "INTEGRATIONS_KEY está vazia. Gere uma com `manage.py cofre gerar` e ponha-a"
        " em INTEGRATIONS_KEY; se já há credenciais guardadas, reponha a chave com que"
        " foram cifradas."
    )
    with sistema("partida"):
        assert Canario.objects.count() == 0


def test_web_does_not_start_with_another_key_than_the_first():
    partida.conferir()

    texto = recusa("import config.asgi", INTEGRATIONS_KEY=OUTRA_CHAVE)

    assert texto == (
        "INTEGRATIONS_KEY não é a chave com que as credenciais deste banco foram "
        "cifradas. Reponha a chave original; sem ela, só recadastrando tudo."
    )


def test_web_does_not_start_as_the_owner_of_the_tables():
    dono = neste_banco(settings.DATABASE_OWNER_URL)

    texto = recusa("import config.asgi", DATABASE_URL=dono)

    assert texto == (
        "O papel do banco em DATABASE_URL (conexoes_dono) é dono de tabelas."
        " Use conexoes_app e refaça os papéis: manage.py papeis."
    )


def test_worker_does_not_start_with_another_key_either():
    partida.conferir()
    codigo = (
        "import sys; from config.celery import aplicacao;"
        "aplicacao.worker_main(['--quiet', 'worker', '-P', 'solo', '-Q', 'nenhuma'])"
    )

    texto = recusa(codigo, INTEGRATIONS_KEY=OUTRA_CHAVE)

    assert "INTEGRATIONS_KEY não é a chave" in texto


# --- roles that only a superuser could make --------------------------------


@pytest.mark.parametrize(
    ("papel", "motivo"),
    [
        ((True, False, False, False), "é superusuário do PostgreSQL"),
        ((False, True, False, False), "ignora a segurança por linha (BYPASSRLS)"),
        ((False, False, True, False), "é dono de tabelas"),
        ((False, False, False, True), "herda conexoes_sistema"),
    ],
)
def test_role_that_policies_do_not_bind_is_refused(monkeypatch, papel, motivo):
    superusuario, ignora, dona, herda = papel
    # What the catalogue would say; the suite's own roles cannot create such a role.
    falsa = f"SELECT {superusuario}, {ignora}, {dona}, {herda}"
    monkeypatch.setattr(partida, "_PAPEL", falsa)

    with pytest.raises(ImproperlyConfigured) as erro:
        partida.conferir()

    assert motivo in str(erro.value)
    assert "manage.py papeis" in str(erro.value)


def test_second_start_keeps_the_first_canary():
    partida.conferir()
    with sistema("partida"):
        primeiro = Canario.objects.get().envelope

    partida.conferir()

    with sistema("partida"):
        assert Canario.objects.get().envelope == primeiro


def test_rotated_key_still_opens_the_first_canary(settings):
    partida.conferir()
    antiga = f"{chaveiro.atual().ativa}:{settings.INTEGRATIONS_KEY}"

    settings.INTEGRATIONS_KEY = f"nova:{OUTRA_CHAVE},{antiga}"

    partida.conferir()
    assert chaveiro.atual().ativa == "nova"
