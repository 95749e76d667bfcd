"""Two organisations with a page and a mapped form each, as the simulator has them.

``python -m bench.preparo_leads '{"<page id>": "<page token>", ...}'`` makes them
through the models.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

import django

django.setup()

from bench.avisos import ONDE  # noqa: E402
from conexoes.tenancy import na, sistema  # noqa: E402
from crm.models import Organizacao, Usuario  # noqa: E402
from crm.services import funis  # noqa: E402
from meta.models import (  # noqa: E402
    ConexaoMeta,
    FormularioLeadAds,
    FormularioMeta,
    PaginaMeta,
)

# People that leads are dealt out to.
PESSOAS: Final = 5
CAMPOS: Final = {
    "full_name": "nome",
    "email": "email",
    "phone_number": "telefone",
    "qual_tratamento?": "cargo",
    "city": "cidade",
}


def preparar(tokens: dict[str, str]) -> dict[str, Any]:
    """What the load needs to know, by the name of each organisation."""
    with sistema("comando"):
        quem = {
            nome: Organizacao.objects.filter(nome__istartswith=nome).get()
            for nome in ONDE
        }
        for nome, organizacao in quem.items():
            for n in range(PESSOAS):
                Usuario.objects.create(
                    email=f"leads{n}@{nome}.example",
                    nome=f"Pessoa {n}",
                    organizacao=organizacao,
                    papel=Usuario.Papel.MEMBER,
                    # What is measured ends with the deal's row; mails come after it.
                    avisos_por_email={"lead": False},
                )
            Usuario.objects.filter(organizacao=organizacao).update(
                avisos_por_email={"lead": False}
            )
    for nome, (page_id, form_id) in ONDE.items():
        _conectar(quem[nome], page_id, form_id, tokens[page_id])
    return {nome: str(organizacao.pk) for nome, organizacao in quem.items()}


def _conectar(organizacao: Organizacao, page_id: str, form_id: str, token: str) -> None:
    with na(organizacao):
        conexao = ConexaoMeta.objects.create(
            organizacao=organizacao, access_token="bench", meta_user_id="122"
        )
        pagina = PaginaMeta.objects.create(
            organizacao=organizacao,
            conexao=conexao,
            page_id=page_id,
            page_access_token=token,
            ativo=True,
        )
        perguntas = [{"key": chave, "label": chave} for chave in CAMPOS]
        FormularioMeta.objects.create(
            organizacao=organizacao,
            pagina=pagina,
            form_id=form_id,
            nome="Bench",
            perguntas=perguntas,
        )
        funil = funis.funil_padrao(organizacao)
        FormularioLeadAds.objects.create(
            organizacao=organizacao,
            pagina=pagina,
            form_id=form_id,
            funil=funil,
            etapa_destino=funis.etapas_do(funil)[0],
            mapeamento_campos=CAMPOS,
        )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(preparar(json.loads(sys.argv[1]))) + "\n")
