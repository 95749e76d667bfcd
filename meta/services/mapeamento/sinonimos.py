"""How questions are asked in Brazil: patterns over words without accents or case.

The first line that fits decides; one without a target says that the question is about
something else, however much it sounds like a field.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from meta.services.mapeamento.confianca import Confianca

ALTA, MEDIA, BAIXA = Confianca.ALTA, Confianca.MEDIA, Confianca.BAIXA
NENHUM: Final = ""

_FIRMA: Final = (
    r"(?:empresa|companhia|negocio|loja|clinica|consultorio|escritorio|imobiliaria"
    r"|organizacao|instituicao|estabelecimento|comercio|restaurante|agencia"
    r"|marca(?! d[aoe]s?\b))"
)
_OUTRO: Final = (
    r"(?:conjuge|espos[ao]|marido|mae|pai|filh[ao]s?|pet|cachorro|gato|alun[ao]|crianca"
    r"|paciente|noiv[ao]|soci[ao]|indicad[ao]|amig[ao]|curso|produto|projeto|evento"
    r"|bairro|condominio|empreendimento|usuario|responsavel|banco|imovel|plano"
    r"|familiar|parente|contador|beneficiari[ao]s?|dependentes?|segurado|fiador"
    r"|irma[o]?|namorad[ao]|medico|dentista|corretor|vendedor|empregador|condutor"
    r"|motorista|escola|faculdade|recados?|emergencia)"
)
_BEM: Final = (
    r"(?:imovel|credito|carta|investimento|projeto|emprestimo|consorcio|veiculo|carro"
    r"|compra|bem|financiamento|orcamento|servico|plano|obra|casa|apartamento|terreno)"
)
_DE_FORA: Final = (
    r"(?:imovel|evento|obra|entrega|interesse|unidade|loja|instalacao|destino|viagem"
    r"|casamento|festa|empreendimento|origem|pernoite|veiculo|consulta|atendimento"
    r"|estudar|estagiar|comprar|alugar|investir|curso|faculdade|prova|polo|cr[mo]|oab"
    r"|crea|cnh|quer|querem|deseja|desejam|pretende|gostaria|procura|prefere)"
)
_DA_FIRMA: Final = (
    r"(?:porte|tamanho|segmento|ramo|setor|area|tipo|regime|tempo|idade|faturamento"
    r"|fatura|receita|objetivo|desafio|funcionarios|colaboradores|quantos|quantas"
    r"|quanto|numero|site|instagram|anos|redes)"
)
_PEDIDO: Final = (
    r"(?:aceita|autoriza|concorda|podemos|posso|prefere|permite|deseja|gostaria)"
)
_CANAL: Final = (
    r"(?:contato|whats\w*|telefone|ligar|e ?mail|mensage\w+|receber|ligacao)"
)
_SEU: Final = r"(?:sua |seu |minha |meu )?"
_CHAMAR: Final = (
    r"(?:voce |podemos |posso |devemos |prefere |gostaria |te |se |lhe |de |ser |que "
    r"|a gente |quer )*"
)
_PRETENDE: Final = (
    r"(?:invest\w+|gastar|pagar|disponivel|preco|pretend\w+|deseja\w*|comprar|procura"
    r"|busca|credito)"
)


class Regra(NamedTuple):
    """``alvo`` of questions that contain ``padrao``."""

    alvo: str
    confianca: Confianca
    padrao: re.Pattern[str]


def _regra(alvo: str, confianca: Confianca, *padroes: str) -> Regra:
    return Regra(alvo, confianca, re.compile(rf"\b(?:{'|'.join(padroes)})\b"))


# One question that asks for two of these fills neither.
_ESPECIES: Final = (
    re.compile(r"\bnome\b"),
    re.compile(r"\be ?mails?\b"),
    re.compile(r"\b(?:telefone|celular|whats\w*|zap|fone)\b"),
    re.compile(r"\b(?:cpf|cnpj)\b"),
    re.compile(r"\bcidade\b"),
)


def pede_varios(escrito: str) -> bool:
    """Whether it asks for name and e-mail, say, in one answer."""
    return sum(bool(especie.search(escrito)) for especie in _ESPECIES) > 1


REGRAS: Final = (
    # Asked for a yes, a time, a reason or somebody else: no field of the contact.
    _regra(NENHUM, ALTA, rf"{_PEDIDO} .*{_CANAL}"),
    _regra(
        *(NENHUM, ALTA),
        r"(?:melhor|qual) (?:horario|hora|dia|periodo|turno|forma|meio|canal)",
    ),
    _regra(
        *(NENHUM, ALTA),
        r"(?:tem|possui|tens|trabalha com|usa|utiliza)"
        rf" (?:\w+ ){{0,2}}(?:cnpj|cpf|{_FIRMA}|{_CANAL})",
    ),
    _regra(
        *(NENHUM, ALTA),
        r"(?:nome|idades?|telefone|celular|whats\w*|zap|fone|contato|e ?mail|cpf|rg"
        rf"|nasc\w*|cep|cidade) d[aoe]s? (?:seus? |suas? |uma? )?{_OUTRO}",
    ),
    _regra(
        *(NENHUM, ALTA),
        r"(?:marca|modelo|comprar|trocar|vender|usa|conserto)\b.*\b(?:celular|cel|fone)",
        r"(?:celular|cel|fone)\b.*\b(?:atual|comprar|trocar|vender|usa|usado|quebrad\w+)",
        r"(?:celular|cel) (?:novo|que deseja|desejado)",
        r"(?:receber|enviar|fazer|pedir|solicitar|quero|quer) (?:um |o |seu |meu )*"
        r"orcamento",
    ),
    _regra(
        *(NENHUM, ALTA),
        r"nome (?:n[oa]|do seu|de) (?:insta\w*|face\w*|tiktok|perfil|usuario|guerra)",
        r"cargos? (?:pretendid\w|desejad\w|de interesse|que)",
        r"(?:instalacao|pernoite|obra|entrega)\b.*\bcep",
    ),
    _regra(NENHUM, ALTA, r"estado (?:civil|de conservacao|do imovel|de saude|atual)"),
    _regra("email", ALTA, r"e ?mails?", r"(?:correio|endereco) eletronico"),
    _regra(
        *("telefone", ALTA),
        r"telefones?|celular|whats ?app|whats|zap ?zap|wpp|zap|fone|tel|cel",
    ),
    _regra("documento", ALTA, r"cpf|cnpj"),
    _regra(
        NENHUM, ALTA, rf"(?:cep|cidade|estado|uf|bairro|local|regiao)\b.*\b{_DE_FORA}"
    ),
    _regra(
        *(NENHUM, ALTA),
        r"(?:quer|deseja|pretende|gostaria|procura|prefere)\b.*\b(?:cidade|estado|bairro)",
    ),
    _regra("cep", ALTA, r"cep|codigo postal"),
    _regra(
        *("cidade_estado", ALTA),
        r"(?:cidade|municipio|localidade)\b.*\b(?:uf|estado)",
        r"(?:uf|estado)\b.*\bcidade",
    ),
    _regra("cidade", ALTA, r"cidade|municipio"),
    _regra("estado", ALTA, r"estado|uf"),
    _regra("nascimento", ALTA, r"nascimento|data (?:de |do )?nasc\w*|aniversario"),
    _regra("nascimento", MEDIA, r"(?:quando|em que dia) (?:voce )?nasceu"),
    _regra(
        *("cargo", ALTA),
        r"cargos?",
        r"funcao (?:n[ao]|que|atual|exercida|profissional)",
        r"^(?:(?:qual|e|a|sua) )*funcao$",
    ),
    _regra(
        *("cargo", MEDIA),
        r"profissao|ocupacao|papel n[ao]|em que voce trabalha",
        r"o que voce faz(?: da vida| profissionalmente| hoje)?$",
    ),
    _regra(
        *("empresa", ALTA),
        rf"nome (?:d[aeo]s? )?{_SEU}{_FIRMA}|razao social|nome fantasia",
    ),
    _regra(NENHUM, ALTA, rf"{_DA_FIRMA}\b.*\b{_FIRMA}", rf"{_FIRMA}\b.*\b{_DA_FIRMA}"),
    _regra(
        *("empresa", MEDIA),
        rf"(?:qual|onde|em qual|em que|de qual) (?:e )?(?:a |o )?(?:sua |seu ){_FIRMA}",
        r"(?:onde|em qual|em que|de qual) (?:e )?(?:a )?empresa",
        rf"empresa (?:em|onde|que)|^(?:qual )?(?:e )?(?:a )?{_SEU}empresa$",
        r"onde (?:voce )?trabalha",
    ),
    _regra("primeiro_nome", ALTA, r"primeiro nome"),
    _regra(
        *("nome", ALTA),
        r"nome (?:completo|e sobrenome)|(?:seu|teu) (?:\w+ )?nome",
        r"^(?:qual )?(?:o )?nome$",
        r"nome d[oea] (?:contato|cliente|interessad[oa])",
    ),
    _regra("sobrenome", ALTA, r"sobrenome|ultimo nome"),
    _regra(
        *("nome", MEDIA),
        rf"como {_CHAMAR}cham\w+",
        r"^(?:(?:informe|digite|escreva|deixe|qual|e|o|a|seu|nos|por|favor) )*nome$",
        r"^nome (?:aqui|abaixo|social|por favor)$",
    ),
    # Money that is not the deal's.
    _regra(
        *(NENHUM, ALTA),
        r"renda|salario|parcelas?|entrada|fgts|faturamento|faturou|fatura|mensalidade",
        r"conta de (?:luz|energia)|dividas?|aluguel|desconto|lances?|fipe|apolice",
        r"cabe n[ao] (?:seu )?bolso",
        r"(?:valor|preco|quanto|orcamento|verba)\b.*\b(?:atual|hoje|mensal|mes|ja tem)",
    ),
    _regra(
        *("valor", ALTA),
        r"valor(?:es)? (?:aproximado |total |estimado |desejado |pretendido )*"
        rf"(?:d[aoe]s? )?{_SEU}{_BEM}",
        r"orcamento|budget|verba",
    ),
    _regra(
        *("valor", MEDIA),
        rf"(?:quanto|valor|valores|faixa)\b.*\b{_PRETENDE}",
        r"faixa de (?:valor|preco)s?",
    ),
    _regra("valor", BAIXA, r"valor|preco"),
    _regra(
        *("cidade", MEDIA),
        r"(?:onde|aonde) (?:voce )?(?:mora|reside)(?!.*\b(?:casa|apto|apartamento)\b)",
        r"de onde (?:voce )?(?:e|fala)",
    ),
    _regra("telefone", MEDIA, r"ddd|numero (?:de|para|pra) (?:contato|falar|retorno)"),
    _regra(
        *("telefone", BAIXA),
        r"^(?:(?:informe|digite|deixe|qual|e|o|um|seu|nos|melhor|para) )*contato$",
    ),
    _regra("documento", BAIXA, r"documento(?!.*\b(?:rg|cnh|passaporte)\b)"),
)

# Meta's own questions, by their type.
POR_TIPO: Final = {
    "FULL_NAME": "nome",
    "FIRST_NAME": "primeiro_nome",
    "LAST_NAME": "sobrenome",
    "EMAIL": "email",
    "WORK_EMAIL": "email",
    "PHONE": "telefone",
    "WORK_PHONE_NUMBER": "telefone",
    "CITY": "cidade",
    "STATE": "estado",
    "PROVINCE": "estado",
    "POST_CODE": "cep",
    "ZIP": "cep",
    "DOB": "nascimento",
    "COMPANY_NAME": "empresa",
    "JOB_TITLE": "cargo",
    "ID_CPF": "documento",
}
