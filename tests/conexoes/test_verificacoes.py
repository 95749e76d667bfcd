from typing import Any

import pytest

from conexoes.verificacoes import conferir_producao


@pytest.mark.parametrize(
    ("producao", "debug", "url", "ids"),
    [
        (True, True, "http://crm.exemplo", ["conexoes.E101", "conexoes.E102"]),
        (True, False, "https://crm.exemplo", []),
        (False, True, "http://127.0.0.1:8000", []),
    ],
)
def test_only_a_careless_production_is_refused(
    settings: Any, producao: bool, debug: bool, url: str, ids: list[str]
) -> None:
    settings.PRODUCAO, settings.DEBUG, settings.URL_PUBLICA = producao, debug, url
    settings.EMAIL_URL = "smtp+tls://correio.exemplo:587"

    assert [problema.id for problema in conferir_producao()] == ids
