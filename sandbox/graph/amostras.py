"""People who fill in forms, and what they write."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.graph.estado import Formulario, Pergunta


@dataclass(frozen=True)
class Interessado:
    nome: str
    email: str
    telefone: str
    whats: str
    cidade: str
    cpf: str
    empresa: str = ""
    cargo: str = ""
    cep: str = ""
    nascimento: str = ""


GENTE = (
    Interessado(
        *("João da Conceição", "joao.conceicao@exemplo.com.br", "+5511987654321"),
        *("11 98765-4321", "São Paulo", "529.982.247-25"),
        *("Padaria Conceição", "Dono", "01310-100", "02/28/1990"),
    ),
    Interessado(
        *("Mariana D'Ávila", "mariana.davila@exemplo.com.br", "+5531988887777"),
        *("(31) 8888-7777", "Belo Horizonte", "111.444.777-35"),
        *("D'Ávila Arquitetura", "Arquiteta", "30130-010", "11/03/1985"),
    ),
    Interessado(
        *("Antônio Gonçalves Araújo", "antonio.araujo@exemplo.com.br", "+555131234567"),
        *("51 3123-4567", "Porto Alegre", "390.533.447-05"),
        *("Araújo & Filhos", "Sócio", "90010-150", "07/19/1972"),
    ),
    Interessado(
        *("Luíza Peçanha", "luiza.pecanha@exemplo.com.br", "+5521997654321"),
        *("+55 21 99765-4321", "Niterói", "935.411.347-80"),
        *("Estúdio Peçanha", "Designer", "24020-125", "01/05/1998"),
    ),
    Interessado(
        *("Zé Renato Muniz", "ze.muniz@exemplo.com.br", "+5571991234567"),
        *("zap 71 99123-4567", "Salvador", "248.438.034-80"),
        *("", "Corretor", "40020-000", "09/30/1980"),
    ),
)
NOMES = ("Ana", "Bruno", "Cecília", "Davi", "Érica", "Fábio", "Glória", "Hugo")
SOBRENOMES = ("Almeida", "Brandão", "Conceição", "Dutra", "Estêvão", "Falcão", "Góis")
# A form's own question, by what its key speaks of.
LIVRES: dict[str, Callable[[Interessado], str]] = {
    "whats": lambda quem: quem.whats,
    "zap": lambda quem: quem.whats,
    "quando": lambda quem: "Neste fim de semana",
    "mensagem": lambda quem: "Gostaria de saber mais. Obrigado!",
}


def numero(n: int) -> Interessado:
    """The n-th of a crowd: a name, a telephone and an address of its own."""
    nome = f"{NOMES[n % len(NOMES)]} {SOBRENOMES[n // len(NOMES) % len(SOBRENOMES)]}"
    fone = f"9{n % 10**8:08d}"
    return Interessado(
        nome=f"{nome} {n}",
        email=f"pessoa{n}@exemplo.com.br",
        telefone=f"+5511{fone}",
        whats=f"11 {fone[:5]}-{fone[5:]}",
        cidade="São Paulo",
        cpf="529.982.247-25",
    )


def respostas(formulario: Formulario, quem: Interessado) -> dict[str, list[str]]:
    """What this person answers, question by question."""
    return {p.key: _resposta(formulario, p, quem) for p in formulario.perguntas}


def ditas_no_teste(formulario: Formulario) -> dict[str, list[str]]:
    """The dummy answers of a test lead."""
    ditas = {}
    for pergunta in formulario.perguntas:
        valor = f"<test lead: dummy data for {pergunta.key}>"
        if pergunta.type == "EMAIL":
            valor = "test@meta.com"
        ditas[pergunta.key] = [valor]
    return ditas


def da_opcao(formulario: Formulario, pergunta: Pergunta, key: str) -> str:
    """A choice as this form's leads tell it: by key or by value."""
    valores = {opcao.key: opcao.value for opcao in pergunta.opcoes}
    return valores.get(key, key) if formulario.por_valor else key


def _resposta(
    formulario: Formulario, pergunta: Pergunta, quem: Interessado
) -> list[str]:
    if pergunta.opcoes:
        return [da_opcao(formulario, pergunta, pergunta.opcoes[0].key)]
    partes = quem.nome.split()
    padroes = {
        "FULL_NAME": quem.nome,
        "FIRST_NAME": partes[0],
        "LAST_NAME": " ".join(partes[1:]),
        "EMAIL": quem.email,
        "WORK_EMAIL": quem.email,
        "PHONE": quem.telefone,
        "CITY": quem.cidade,
        "ID_CPF": quem.cpf,
        "COMPANY_NAME": quem.empresa,
        "JOB_TITLE": quem.cargo,
        "POST_CODE": quem.cep,
        "DOB": quem.nascimento,
    }
    valor = padroes.get(pergunta.type, "")
    for parte, dizer in LIVRES.items():
        if pergunta.type == "CUSTOM" and parte in pergunta.key:
            valor = dizer(quem)
    return [valor] if valor else []
