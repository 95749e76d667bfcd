"""Error bodies as Graph writes them."""

import secrets
from typing import Any

AJUDA = (
    "Please read the Graph API documentation at "
    "https://developers.facebook.com/docs/graph-api"
)
SESSAO = "Error validating access token: "
# subcode of 190 -> what Graph says
DE_190 = {
    0: "Invalid OAuth access token - Cannot parse access token",
    458: f"{SESSAO}The user has not authorized application 1900000000001.",
    459: f"{SESSAO}The user is enrolled in a blocking, logged-in checkpoint",
    460: f"{SESSAO}The session has been invalidated because the user changed their "
    "password or Facebook has changed the session for security reasons.",
    463: f"{SESSAO}Session has expired on Thursday, 01-Jan-26 00:00:00 PST. The "
    "current time is Thursday, 01-Jan-26 01:00:00 PST.",
    464: f"{SESSAO}Sessions for the user are not allowed because the user is not a "
    "confirmed user.",
    467: f"{SESSAO}The session is invalid because the user logged out.",
    492: f"{SESSAO}The user does not have a role on this page anymore.",
}
# code, subcode -> title and sentence of `locale=pt_BR`
EM_PORTUGUES = {
    (190, 458): ("Acesso removido", "Você removeu o acesso deste aplicativo."),
    (190, 459): ("Confirme sua conta", "Entre no Facebook para confirmar sua conta."),
    (190, 460): ("Sessão encerrada", "A senha mudou. Entre novamente."),
    (190, 463): ("Sessão expirada", "Sua sessão expirou. Entre novamente."),
    (190, 464): ("Conta não confirmada", "Confirme sua conta no Facebook."),
    (190, 467): ("Sessão encerrada", "Você saiu do Facebook. Entre novamente."),
    (190, 492): ("Sem função na Página", "Você não tem mais função nesta Página."),
    (200, 0): ("Permissão necessária", "Falta uma permissão para concluir a ação."),
    (100, 33): ("Não encontrado", "O objeto não existe ou você não tem acesso a ele."),
    (4, 0): ("Muitas solicitações", "O aplicativo atingiu o limite de solicitações."),
    (80005, 0): ("Muitas solicitações", "O limite de leads desta Página acabou."),
    (368, 0): ("Bloqueio temporário", "Esta ação foi bloqueada por enquanto."),
}


class ErroGraph(Exception):
    """An answer other than success."""

    def __init__(
        self,
        codigo: int,
        mensagem: str,
        *,
        subcodigo: int = 0,
        status: int = 400,
        tipo: str = "OAuthException",
        transitorio: bool = False,
    ) -> None:
        super().__init__(codigo)
        self.codigo, self.subcodigo, self.status = codigo, subcodigo, status
        self.mensagem, self.tipo, self.transitorio = mensagem, tipo, transitorio

    def corpo(self, idioma: str = "") -> dict[str, Any]:
        erro: dict[str, Any] = {"message": self.mensagem, "type": self.tipo}
        erro["code"] = self.codigo
        if self.subcodigo:
            erro["error_subcode"] = self.subcodigo
        if self.transitorio:
            erro["is_transient"] = True
        ditos = EM_PORTUGUES.get((self.codigo, self.subcodigo))
        if ditos and idioma == "pt_BR":
            erro["is_transient"] = self.transitorio
            erro["error_user_title"], erro["error_user_msg"] = ditos
        erro["fbtrace_id"] = f"A{secrets.token_urlsafe(16)}"
        return {"error": erro}


def token_morto(subcodigo: int = 0) -> ErroGraph:
    return ErroGraph(190, DE_190[subcodigo], subcodigo=subcodigo)


def sem_token() -> ErroGraph:
    mensagem = "An access token is required to request this resource."
    return ErroGraph(104, mensagem, status=401)


def invalido(mensagem: str) -> ErroGraph:
    return ErroGraph(100, f"(#100) {mensagem}")


def inexistente(id_: str, metodo: str = "GET") -> ErroGraph:
    """Not there, not ready, or not for you: Graph does not tell which."""
    mensagem = (
        f"Unsupported {metodo.lower()} request. Object with ID '{id_}' does not exist, "
        "cannot be loaded due to missing permissions, or does not support this "
        f"operation. {AJUDA}"
    )
    return ErroGraph(100, mensagem, subcodigo=33, tipo="GraphMethodException")


def sem_permissao(escopo: str) -> ErroGraph:
    mensagem = f"(#200) Requires {escopo} permission to manage the object"
    return ErroGraph(200, mensagem, status=403)


def caminho_desconhecido(caminho: str) -> ErroGraph:
    return ErroGraph(2500, f"Unknown path components: {caminho}")
