"""The bootstrap's parts: ports, secrets, stamps, children, what a killed run leaves."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from script import (
    ambiente,
    configuracao,
    estado,
    portas,
    processos,
    segredos,
    suite,
    supervisor,
    trabalhador,
)
from script.caminhos import RAIZ
from script.console import JA_RODANDO, Falha
from script.corrida import selo_da_demonstracao
from script.enderecos import Enderecos
from script.estado import Estado
from script.morada import Morada
from script.processos import Processo
from script.supervisor import Supervisor
from script.valkey import Valkey

DORMIR = [sys.executable, "-c", "import time; time.sleep(60)"]


def modo(arquivo: Path) -> int:
    return stat.S_IMODE(arquivo.stat().st_mode)


def processo(nome: str, codigo: str, camada: int = 1) -> Processo:
    argv = [sys.executable, "-c", codigo]
    return Processo(nome, argv, dict(os.environ), camada, prazo=5.0)


def terminou(pid: int) -> bool:
    fim = time.monotonic() + 5
    while processos.identificar(pid) and time.monotonic() < fim:
        time.sleep(0.02)
    return processos.identificar(pid) is None


@pytest.fixture
def registros(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("script.registro.REGISTROS", tmp_path)
    return tmp_path


@pytest.fixture
def dormindo() -> Iterator[subprocess.Popen[bytes]]:
    filho = subprocess.Popen(DORMIR)
    yield filho
    filho.kill()
    filho.wait()


@pytest.fixture
def requisitos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(ambiente, "RAIZ", tmp_path)
    monkeypatch.setattr(ambiente, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(ambiente, "SELO", tmp_path / "selo.json")
    (tmp_path / "a.txt").write_text("um==1")
    (tmp_path / "b.txt").write_text("dois==2")
    selo = {"raiz": str(tmp_path), "a.txt": ambiente.resumo(tmp_path / "a.txt")}
    (tmp_path / "selo.json").write_text(json.dumps(selo))
    return tmp_path


def test_only_what_changed_is_installed(requisitos: Path) -> None:
    assert ambiente.faltantes(["a.txt", "b.txt"]) == ["b.txt"]

    (requisitos / "a.txt").write_text("um==1.1")

    assert ambiente.faltantes(["a.txt"]) == ["a.txt"]


def test_a_copied_venv_is_not_trusted(requisitos: Path) -> None:
    selo = json.loads((requisitos / "selo.json").read_text())
    (requisitos / "selo.json").write_text(json.dumps({**selo, "raiz": "/outra"}))

    assert ambiente.faltantes(["a.txt"]) == ["a.txt"]


def test_taken_port_is_passed_over() -> None:
    with portas.escutar_de(20000) as tomada:
        numero = portas.numero(tomada)
        assert not portas.livre(numero)
        assert portas.escutar(numero) is None
        assert portas.proxima(numero) > numero


def test_addresses_follow_the_ports(capsys: pytest.CaptureFixture[str]) -> None:
    achados = Enderecos.escolher({}, com_sandbox=True)
    outros = Enderecos.escolher({}, com_sandbox=False)

    with achados.web, outros.web, achados.sandbox or outros.web:
        web = portas.numero(outros.web)
        assert web != portas.numero(achados.web)
        assert outros.variaveis() == {
            "URL_PUBLICA": f"http://127.0.0.1:{web}",
            "SANDBOX_URL": "",
            "SANDBOX_SMTP_PORTA": "",
            "EMAIL_URL": "",
        }
        assert achados.variaveis()["EMAIL_URL"] == f"smtp://127.0.0.1:{achados.smtp}"
        assert "A porta 8000 está ocupada; uso a" in capsys.readouterr().out


def test_mail_server_somebody_named_is_not_replaced_by_the_simulator() -> None:
    proprio = {"EMAIL_URL": "smtp://correio.example:25"}

    achados = Enderecos.escolher(proprio, com_sandbox=True)

    with achados.web, achados.sandbox or achados.web:
        assert achados.variaveis()["EMAIL_URL"] == "smtp://correio.example:25"
        assert achados.variaveis()["SANDBOX_SMTP_PORTA"] == ""


def test_port_that_was_asked_for_is_not_changed() -> None:
    with portas.escutar_de(20000) as tomada:
        pedida = {"PORT": str(portas.numero(tomada))}
        with pytest.raises(Falha, match="PORT"):
            Enderecos.escolher(pedida, com_sandbox=False)


def test_secrets_are_made_once(tmp_path: Path) -> None:
    arquivo = tmp_path / "segredos.env"

    primeiros = segredos.obter(arquivo)

    assert segredos.obter(arquivo) == primeiros
    assert modo(arquivo) == 0o600
    assert len(base64.b64decode(primeiros["INTEGRATIONS_KEY"])) == 32


def test_missing_secret_is_added_beside_the_old_ones(tmp_path: Path) -> None:
    arquivo = tmp_path / "segredos.env"
    arquivo.write_text("SECRET_KEY=antiga\nMEU=valor\n")

    achados = segredos.obter(arquivo)

    assert achados["SECRET_KEY"] == "antiga"
    assert "MEU=valor\n" in arquivo.read_text()
    assert modo(arquivo) == 0o600


def test_production_invents_nothing() -> None:
    with pytest.raises(Falha, match="DATABASE_URL, DATABASE_OWNER_URL, REDIS_URL"):
        configuracao.conferir({"AMBIENTE": "producao", "SECRET_KEY": "x"})


def test_database_needs_its_owner() -> None:
    with pytest.raises(Falha, match="DATABASE_OWNER_URL"):
        configuracao.conferir({"DATABASE_URL": "postgresql://x"})


def test_valkey_password_stays_in_a_private_file(tmp_path: Path) -> None:
    servidor = Valkey(Morada(tmp_path, None, tmp_path, tmp_path / "valkey"), "segredo")

    feito = servidor.processo(12345)

    assert "segredo" not in " ".join(feito.argv)
    assert modo(Path(feito.argv[1])) == 0o600
    assert "requirepass segredo\n" in Path(feito.argv[1]).read_text()


def test_each_worker_of_the_suite_has_its_own_database() -> None:
    assert trabalhador.endereco("redis://:x@127.0.0.1:1/0", "gw1") == (
        "redis://:x@127.0.0.1:1/2"
    )


def test_leftovers_are_only_the_very_same_processes(
    tmp_path: Path, dormindo: subprocess.Popen[bytes]
) -> None:
    quem = processos.identificar(dormindo.pid)
    eu = processos.identificar(os.getpid())
    assert quem
    assert eu
    reciclado = replace(quem, inicio="1")
    arquivo = tmp_path / "estado.json"

    estado.gravar(Estado(eu, {}, {}, {"web": quem, "beat": reciclado}), arquivo)

    lido = estado.ler(arquivo)
    assert lido
    assert modo(arquivo) == 0o600
    assert estado.sobras(lido) == {"web": quem}
    processos.encerrar(quem)
    assert dormindo.wait() == -signal.SIGTERM


def test_state_of_a_copied_checkout_is_ignored(tmp_path: Path) -> None:
    eu = processos.identificar(os.getpid())
    assert eu
    arquivo = tmp_path / "estado.json"

    estado.gravar(Estado(eu, raiz="/outra/pasta"), arquivo)

    assert estado.ler(arquivo) is None


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_children_die_with_a_killed_parent() -> None:
    codigo = (
        "import signal, sys, time; from script.processos import Processo, iniciar;"
        f"p = Processo('x', {DORMIR!r}, {{}}, 0);"
        "print(iniciar(p, 2).pid, flush=True); time.sleep(60)"
    )
    pai = subprocess.Popen(
        [sys.executable, "-c", codigo], cwd=RAIZ, stdout=subprocess.PIPE, text=True
    )
    assert pai.stdout
    neto = int(pai.stdout.readline())
    assert processos.identificar(neto)

    pai.kill()
    pai.communicate()

    assert terminou(neto)


def test_layers_stop_in_reverse_order(registros: Path) -> None:
    codigo = (
        "import signal, sys, time;"
        "signal.signal(15, lambda *_: (open('{0}', 'a').write('{1}'), sys.exit()));"
        "print('de pé', flush=True); time.sleep(60)"
    )
    ordem = registros / "ordem"
    with Supervisor() as chefe:
        for camada, nome in enumerate("abc"):
            feito = processo(nome, codigo.format(ordem, nome), camada)
            filho = chefe.ligar(replace(feito, pronto="de pé"))
            assert chefe.esperar(filho, filho.disse_pronto, 10.0)

    assert ordem.read_text() == "cba"


def test_fallen_process_is_started_again(
    registros: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(supervisor, "QUEDAS", 1)
    marca = registros / "marca"
    codigo = f"open('{marca}', 'a').write('x'); raise SystemExit(7)"

    with Supervisor() as chefe:
        chefe.ligar(processo("web", codigo))
        with pytest.raises(Falha, match="web caiu 2 vezes"):
            chefe.rodar()

    assert marca.read_text() == "xx"
    assert "web terminou (código 7); ligo de novo em 1 s." in capsys.readouterr().out


# The first run, as the second sees it: the lock, the state, and nothing else.
PRIMEIRA = """
import os, subprocess, sys
from script import caminhos, estado, processos, travas
caminhos.criar_var()
with travas.travar(estado.TRAVA):
    quem = processos.identificar(os.getpid())
    onde = {"URL_PUBLICA": "http://127.0.0.1:8007"}
    estado.gravar(estado.Estado(quem, {}, onde))
    segunda = "from script.corrida import main; raise SystemExit(main([]))"
    raise SystemExit(subprocess.run([sys.executable, "-c", segunda]).returncode)
"""


def test_second_run_says_where_the_first_is(tmp_path: Path) -> None:
    shutil.copytree(RAIZ / "script", tmp_path / "script")
    (tmp_path / "conexoes").symlink_to(RAIZ / "conexoes")

    segunda = subprocess.run(
        [sys.executable, "-c", PRIMEIRA], cwd=tmp_path, capture_output=True, text=True
    )

    assert segunda.returncode == JA_RODANDO, segunda.stderr
    assert "O Conexões já roda em http://127.0.0.1:8007" in segunda.stdout


def test_browser_tests_are_never_spread_over_workers() -> None:
    navegador = "tests/navegador/test_historia.py::test_x"

    fases = suite._fases(["-k", "qr", "tests/crm", navegador])

    assert fases == [
        ["-n", "2", "--dist", "loadgroup", "-k", "qr", "tests/crm"],
        ["-k", "qr", navegador],
    ]


def test_any_port_is_none_that_a_client_may_get_by_chance() -> None:
    escolhidas = [portas.qualquer() for _ in range(200)]

    assert min(escolhidas) > 10_080
    assert max(escolhidas) < 32_768


@pytest.mark.parametrize(
    "opcoes", [["--ignore=tests/navegador/"], ["--ignore", "tests/navegador"]]
)
def test_browser_tests_that_are_left_out_do_not_run_afterwards(
    opcoes: list[str],
) -> None:
    fases = suite._fases(["-n0", *opcoes])

    assert fases == [["-n0", "tests", "--ignore=tests/navegador"]]


def test_what_lies_deeper_is_collected_first() -> None:
    caminhos = ["tests/meta/paginas", "tests/test_casa.py", "tests/meta/chegada"]

    [fase] = suite._fases(["-n0", *caminhos, "tests/meta/chegada/test_espera.py"])

    assert fase == [
        "-n0",
        "tests/meta/chegada/test_espera.py",
        "tests/meta/paginas",
        "tests/meta/chegada",
        "tests/test_casa.py",
    ]


def test_demo_is_completed_when_the_sandbox_moved_or_a_recipe_changed(
    tmp_path: Path,
) -> None:
    receita = tmp_path / "meta" / "services" / "demonstracao.py"
    receita.parent.mkdir(parents=True)
    receita.write_text("um")
    antes = selo_da_demonstracao("http://127.0.0.1:8100", tmp_path)

    assert selo_da_demonstracao("http://127.0.0.1:8100", tmp_path) == antes
    assert selo_da_demonstracao("http://127.0.0.1:8101", tmp_path) != antes
    receita.write_text("dois")
    assert selo_da_demonstracao("http://127.0.0.1:8100", tmp_path) != antes
