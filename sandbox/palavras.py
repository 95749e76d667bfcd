"""Times, phones and sizes as people read them."""

from datetime import datetime

from django.utils.timezone import get_current_timezone


def hora(milissegundos: int) -> str:
    momento = datetime.fromtimestamp(milissegundos / 1000, get_current_timezone())
    return f"{momento:%H:%M:%S}"


def telefone(numero: str) -> str:
    """+55 31 98888-7777; other countries as they come."""
    if not numero:
        return ""
    if not (numero.startswith("55") and len(numero) in {12, 13}):
        return f"+{numero}"
    return f"+55 {numero[2:4]} {numero[4:-4]}-{numero[-4:]}"


def iniciais(nome: str) -> str:
    partes = nome.split()
    return "".join(parte[0] for parte in [*partes[:1], *partes[1:][-1:]]).upper()


def tamanho(octetos: int) -> str:
    if octetos < 1024:
        return f"{octetos} B"
    return (
        f"{octetos / 1024:.0f} KB" if octetos < 2**20 else f"{octetos / 2**20:.1f} MB"
    )
