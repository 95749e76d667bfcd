"""What hangs on a contact: handed over when it vanishes, and handed back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps

from crm.models import (
    Contato,
    Conversa,
    IdentidadeContato,
    Tag,
    TagDoContato,
    UniaoDeContatos,
)

# Handed over by whoever unites, each in its own way.
_A_PARTE: Final = {Conversa, IdentidadeContato, TagDoContato, UniaoDeContatos}


def entregar(de: Contato, para: Contato) -> dict[str, Any]:
    """Give ``para`` all that points at ``de``; what it takes to undo that.

    Every table with a key to a contact is found by itself, also another app's.
    """
    movidas = {}
    for rotulo, modelo, campo in _apontam():
        linhas = modelo.da(de.organizacao_id).filter(**{campo: de})
        ids = [str(pk) for pk in linhas.values_list("pk", flat=True)]
        if ids:
            linhas.update(**{campo: para})
            movidas[rotulo] = ids
    return {"linhas": movidas, "tags": _entregar_tags(de, para)}


def devolver(movidos: dict[str, Any], mantido: Contato, de_volta: Contato) -> None:
    """Give back what was handed over and is still there.

    A union of before these were kept has none of them.
    """
    for rotulo, ids in movidos.get("linhas", {}).items():
        nome, _ponto, campo = rotulo.rpartition(".")
        modelo: Any = apps.get_model(nome)
        linhas = modelo.da(mantido.organizacao_id).filter(pk__in=ids)
        linhas.filter(**{campo: mantido}).update(**{campo: de_volta})
    tags = movidos.get("tags", {"movidas": [], "repetidas": []})
    marcas = TagDoContato.da(mantido.organizacao_id)
    marcas.filter(pk__in=tags["movidas"], contato=mantido).update(contato=de_volta)
    TagDoContato.objects.bulk_create(
        [
            TagDoContato(
                organizacao_id=mantido.organizacao_id, contato=de_volta, tag=tag
            )
            for tag in Tag.da(mantido.organizacao_id).filter(pk__in=tags["repetidas"])
        ]
    )


def _entregar_tags(de: Contato, para: Contato) -> dict[str, list[str]]:
    marcas = TagDoContato.da(de.organizacao_id)
    ja_tem = set(marcas.filter(contato=para).values_list("tag", flat=True))
    daqui = list(marcas.filter(contato=de))
    repetidas = [marca for marca in daqui if marca.tag_id in ja_tem]
    movidas = [marca for marca in daqui if marca.tag_id not in ja_tem]
    marcas.filter(pk__in=[marca.pk for marca in repetidas]).delete()
    marcas.filter(pk__in=[marca.pk for marca in movidas]).update(contato=para)
    return {
        "movidas": [str(marca.pk) for marca in movidas],
        "repetidas": [str(marca.tag_id) for marca in repetidas],
    }


def _apontam() -> Iterator[tuple[str, Any, str]]:
    for relacao in Contato._meta.get_fields(include_hidden=True):
        if not relacao.auto_created or relacao.concrete or not relacao.is_relation:
            continue
        modelo: Any = relacao.related_model
        if modelo not in _A_PARTE:
            campo = relacao.field.name  # type: ignore[union-attr]
            yield f"{modelo._meta.label}.{campo}", modelo, campo
