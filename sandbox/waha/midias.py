"""Files that messages carry, and what may be wrong with them."""

import mimetypes
import threading
import time
from dataclasses import dataclass, field

# Of the wall clock: the client fetches at its own pace. WAHA's own default.
VALIDADE = 180

# defect -> what the control page calls it
DEFEITOS = {
    "": "Perfeito",
    "sumiu": "Arquivo não existe mais (404)",
    "declara_enorme": "Diz que tem 2 GB",
    "enorme": "Passa de 200 MB sem avisar",
    "sem_fim": "Nunca termina",
    "gotas": "Chega um byte por vez",
    "html": "Página HTML no lugar do arquivo",
    "programa": "Programa do Windows no lugar do arquivo",
    "erro": "O WAHA não conseguiu baixar (media.error)",
    "nula": "O WAHA não baixou (media nula)",
}
EXTENSOES = {
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "audio/ogg": ".oga",
    "audio/mpeg": ".mp3",
    "video/mp4": ".mp4",
    "text/vcard": ".vcf",
}


@dataclass(frozen=True)
class Midia:
    """`tipo` is imagem, documento, audio, video or figurinha; `mimetype` may carry
    parameters, as `audio/ogg; codecs=opus` does."""

    tipo: str
    mimetype: str
    dados: bytes = field(repr=False)
    nome: str | None = None
    defeito: str = ""

    @property
    def extensao(self) -> str:
        puro = self.mimetype.partition(";")[0].strip()
        return EXTENSOES.get(puro) or mimetypes.guess_extension(puro) or ".bin"


class Arquivos:
    """The server's folder of downloaded media: what is in it does not last."""

    def __init__(self) -> None:
        self._trava = threading.Lock()
        self._guardados: dict[tuple[str, str], tuple[Midia, float]] = {}

    def guardar(self, sessao: str, nome: str, midia: Midia) -> None:
        """Put a file there, or begin its time anew."""
        vence = time.monotonic() + VALIDADE
        with self._trava:
            agora = time.monotonic()
            vivos = self._guardados.items()
            self._guardados = {k: v for k, v in vivos if v[1] > agora}
            self._guardados[sessao, nome] = (midia, vence)

    def achar(self, sessao: str, nome: str) -> Midia | None:
        midia, vence = self._guardados.get((sessao, nome), (None, 0.0))
        return midia if vence > time.monotonic() else None

    def esvaziar(self, sessao: str | None = None) -> None:
        """Clean up before time, of one session or of all."""
        with self._trava:
            ficam = self._guardados.items() if sessao else ()
            self._guardados = {k: v for k, v in ficam if k[0] != sessao}


ARQUIVOS = Arquivos()
