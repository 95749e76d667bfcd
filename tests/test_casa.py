"""The house rules of CONTRIBUTING.md, walked over every file's imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

RAIZ = Path(__file__).resolve().parent.parent
INTEGRACOES = {
    pasta.name
    for nome in ("whatsapp", "meta", "google_integ", "email_integ", "instagram")
    if (pasta := RAIZ / nome).is_dir()
}
ANDAR = {"conexoes": 1, "crm": 2, **dict.fromkeys(INTEGRACOES, 3), "config": 4}
# An app's rooms, from the ground up; a file imports only from its own step or below.
ESCADA = (
    {"telefones", "valores", "documentos", "payloads", "demonstracao"},
    {"models"},
    {"client"},
    {"services"},
    {"cartao", "qr"},
    {"provedor"},
    {"tasks"},
    {"webhooks", "contas"},
    {"forms"},
    {"views", "contexto", "templatetags"},
    {"serializers"},
    {"api"},
    {"urls", "contas_urls", "funil_urls"},
    {"admin", "apps", "management", "migrations"},
)
DEGRAU = {comodo: n for n, comodos in enumerate(ESCADA) for comodo in comodos}
# The doors to the outside: the only files that may hold a connection to anybody.
PORTAS = {"conexoes/correio.py", "conexoes/prazo.py", "conexoes/transport.py"}
CLIENTES = {
    *("aiohttp", "ftplib", "http.client", "httpx", "imaplib", "poplib", "requests"),
    *("smtplib", "socket", "ssl", "telnetlib", "urllib.request", "urllib3"),
}


def arquivos(*apps: str) -> Iterator[tuple[str, ast.Module]]:
    for app in apps:
        for arquivo in sorted((RAIZ / app).rglob("*.py")):
            caminho = str(arquivo.relative_to(RAIZ))
            yield caminho, ast.parse(arquivo.read_text(), caminho)


def importados(arvore: ast.AST) -> Iterator[str]:
    """Every name an import mentions: ``from a import b`` gives ``a`` and ``a.b``."""
    for no in ast.walk(arvore):
        if isinstance(no, ast.Import):
            yield from (nome.name for nome in no.names)
        elif isinstance(no, ast.ImportFrom):
            assert no.level == 0, "relative import"
            yield str(no.module)
            yield from (f"{no.module}.{nome.name}" for nome in no.names)


def modulo(caminho: str) -> str:
    return caminho.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_imports_only_fall_between_floors() -> None:
    erradas = {
        f"{caminho}: {nome}"
        for caminho, arvore in arquivos(*ANDAR)
        for nome in importados(arvore)
        for daqui, dali in [(caminho.split("/")[0], nome.split(".")[0])]
        if dali != daqui
        and (dali in ("sandbox", "tests") or ANDAR.get(dali, 0) >= ANDAR[daqui])
    }

    assert erradas == set()


def test_the_sandbox_stands_apart() -> None:
    erradas = {
        f"{caminho}: {nome}"
        for caminho, arvore in arquivos("sandbox")
        for nome in importados(arvore)
        if nome.split(".")[0] in ANDAR
    }

    assert erradas == set()


def test_inside_an_app_no_step_is_climbed() -> None:
    erradas = set()
    for caminho, arvore in arquivos("crm", *INTEGRACOES):
        app, *resto = modulo(caminho).split(".")
        if not resto:
            continue
        for nome in importados(arvore):
            partes = nome.split(".")
            if partes[0] != app or len(partes) < 2:
                continue
            if DEGRAU[partes[1]] > DEGRAU[resto[0]]:
                erradas.add(f"{caminho}: {nome}")

    assert erradas == set()


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    modulos = {modulo(caminho): arvore for caminho, arvore in arquivos(*ANDAR)}
    # A package is what its __init__ imports; a submodule does not lean on it.
    grafo = {
        nome: {alvo for alvo in importados(arvore) if alvo in modulos} - {nome}
        for nome, arvore in modulos.items()
    }
    for nome, alvos in grafo.items():
        alvos -= {pai for pai in alvos if nome.startswith(f"{pai}.")}

    TopologicalSorter(grafo).prepare()


def test_no_import_hides_inside_a_function() -> None:
    escondidos = {
        f"{caminho}:{no.lineno}"
        for caminho, arvore in arquivos(*ANDAR)
        for funcao in ast.walk(arvore)
        if isinstance(funcao, ast.FunctionDef | ast.AsyncFunctionDef)
        and not (caminho.endswith("/apps.py") and funcao.name == "ready")
        for no in ast.walk(funcao)
        if isinstance(no, ast.Import | ast.ImportFrom)
    }

    assert escondidos == set()


def test_no_import_of_ours_is_only_for_types() -> None:
    so_para_tipos = {
        f"{caminho}: {nome}"
        for caminho, arvore in arquivos(*ANDAR)
        for no in ast.walk(arvore)
        if isinstance(no, ast.If) and "TYPE_CHECKING" in ast.unparse(no.test)
        for nome in importados(no)
        if nome.split(".")[0] in ANDAR
    }

    assert so_para_tipos == set()


def test_only_the_doors_hold_a_client_of_the_outside() -> None:
    outros = {
        f"{caminho}: {nome}"
        for caminho, arvore in arquivos(*ANDAR)
        if caminho not in PORTAS
        for nome in importados(arvore)
        if CLIENTES & {nome, nome.split(".")[0]}
    }

    assert outros == set()


def test_only_one_room_makes_clients_of_redis() -> None:
    outros = {
        caminho
        for caminho, arvore in arquivos(*ANDAR)
        if caminho != "conexoes/valkey.py"
        for no in ast.walk(arvore)
        if isinstance(no, ast.Call)
        and isinstance(no.func, ast.Attribute)
        and no.func.attr in ("Redis", "StrictRedis", "from_url")
    }

    assert outros == set()
