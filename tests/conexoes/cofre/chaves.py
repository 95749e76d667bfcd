"""Two keys, and how an installation writes them."""

import base64

CHAVE = b"0123456789abcdefghijklmnopqrstuv"

OUTRA = b"vutsrqponmlkjihgfedcba9876543210"


def b64(chave):
    return base64.b64encode(chave).decode()
