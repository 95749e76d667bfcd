"""The people, pages and forms there are from the start."""

from sandbox.graph import amostras, leads
from sandbox.graph.entregas import CARTEIRO
from sandbox.graph.estado import (
    DIA,
    ESTADO,
    Anuncio,
    Consentimento,
    Formulario,
    Opcao,
    Pagina,
    Pergunta,
    Pessoa,
    Portfolio,
    agora,
)
from sandbox.graph.falhas import FALHAS
from sandbox.graph.tokens import CHAVEIRO

JOANA, MARCOS, BEATRIZ = "122000000000001", "122000000000002", "122000000000003"
IMOVEIS, LANCAMENTOS = "103000000000001", "103000000000002"
BRISA, GARAGEM = "103000000000003", "103000000000004"
TUDO = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE")
ANUNCIA, OLHA = ("ADVERTISE", "ANALYZE"), ("ANALYZE",)
GRUPO = "208000000000001"
# How many days ago the leads of each form came; the last is past reading.
IDADES = (1, 2, 5, 9, 16, 27, 41, 100)
WHATSAPP = Consentimento("aceito_whatsapp", "Aceito receber mensagens no WhatsApp")
PRIVACIDADE = Consentimento("li_a_politica", "Li a política de privacidade", True)
NOME = ("full_name", "Nome completo", "FULL_NAME")
EMAIL = ("email", "E-mail", "EMAIL")
FONE = ("phone_number", "Telefone", "PHONE")
CIDADE = ("city", "Cidade", "CITY")
CPF = ("cpf", "CPF", "ID_CPF")
WHATS = ("qual_seu_whats?", "Qual seu Whats?", "CUSTOM")
ESCOLHAS = {
    "qual_o_valor_do_imóvel?": (
        ("até_200_mil", "Até 200 mil"),
        ("de_200_a_500_mil", "De 200 a 500 mil"),
        ("acima_de_500_mil", "Acima de 500 mil"),
    ),
    "o_que_você_procura?": (
        ("apartamento", "Apartamento"),
        ("casa", "Casa"),
        ("terreno", "Terreno"),
    ),
    "qual_tratamento?": (
        ("clareamento", "Clareamento"),
        ("implante", "Implante"),
        ("aparelho", "Aparelho ortodôntico"),
    ),
}
VALOR = ("qual_o_valor_do_imóvel?", "Qual o valor do imóvel?", "CUSTOM")
PROCURA = ("o_que_você_procura?", "O que você procura?", "CUSTOM")
TRATAMENTO = ("qual_tratamento?", "Qual tratamento?", "CUSTOM")
QUANDO = ("quando_quer_visitar?", "Quando quer visitar?", "CUSTOM")


def semear() -> None:
    """Begin anew: nobody has authorised anything, no page is subscribed."""
    ESTADO.limpar()
    CHAVEIRO.zerar()
    CARTEIRO.zerar()
    FALHAS.ligar(None)
    for id_, nome, email in (
        (JOANA, "Joana Siqueira", "joana.siqueira@exemplo.com.br"),
        (MARCOS, "Marcos Teixeira", ""),
        (BEATRIZ, "Beatriz Nunes", "beatriz.nunes@exemplo.com.br"),
    ):
        ESTADO.pessoas[id_] = Pessoa(id_, nome, email)
    portfolio = Portfolio(GRUPO, "Grupo Aurora", (JOANA,), (LANCAMENTOS,), (GARAGEM,))
    ESTADO.portfolios[portfolio.id] = portfolio
    for pagina in _paginas():
        ESTADO.paginas[pagina.id] = pagina
        for formulario in pagina.formularios:
            ESTADO.formularios[formulario.id] = formulario
            _preencher(formulario)


def _paginas() -> list[Pagina]:
    """One in a portfolio's own, one of its clients; neither is among /me/accounts."""
    imoveis = Pagina(IMOVEIS, "Aurora Imóveis", "Imobiliária")
    imoveis.papeis = {JOANA: TUDO, MARCOS: OLHA}
    imoveis.formularios = [
        _form(imoveis, "7001001001", "Consórcio imóvel", NOME, EMAIL, FONE, VALOR),
        _form(imoveis, "7001001002", "Agende uma visita", NOME, WHATS, CIDADE, QUANDO),
        _form(imoveis, "7001001003", "Feirão 2025", NOME, EMAIL, PROCURA),
    ]
    imoveis.formularios[0].consentimentos = (WHATSAPP, PRIVACIDADE)
    imoveis.formularios[2].status = "ARCHIVED"
    lancamentos = Pagina(LANCAMENTOS, "Aurora Lançamentos", "Imobiliária")
    lancamentos.papeis, lancamentos.portfolio = {JOANA: ANUNCIA}, GRUPO
    lancamentos.formularios = [
        _form(lancamentos, "7001002001", "Lista de espera", NOME, EMAIL, FONE, CPF),
        _form(lancamentos, "7001002002", "Tabela de preços", NOME, WHATS, VALOR),
    ]
    brisa = Pagina(BRISA, "Brisa Odontologia", "Dentista", ids_numericos=True)
    brisa.papeis = {MARCOS: TUDO, JOANA: ANUNCIA}
    brisa.formularios = [
        _form(brisa, "7001003001", "Avaliação grátis", NOME, FONE, TRATAMENTO, CIDADE),
        _form(brisa, "7001003002", "Convênios", NOME, EMAIL, WHATS, CPF),
    ]
    brisa.formularios[0].por_valor = True
    brisa.formularios[1].consentimentos = (PRIVACIDADE,)
    garagem = Pagina(GARAGEM, "Garagem do Beto", "Oficina", portfolio=GRUPO)
    garagem.papeis = {JOANA: ANUNCIA}
    garagem.formularios = [_form(garagem, "7001004001", "Orçamento", NOME, FONE, WHATS)]
    return [imoveis, lancamentos, brisa, garagem]


def _form(
    pagina: Pagina, id_: str, nome: str, *perguntas: tuple[str, str, str]
) -> Formulario:
    criado_em = _meia_noite() - 120 * DIA
    formulario = Formulario(id_, pagina, nome, [], criado_em=criado_em)
    for ordem, (key, label, tipo) in enumerate(perguntas, 1):
        opcoes = tuple(Opcao(*opcao) for opcao in ESCOLHAS.get(key, ()))
        pergunta = Pergunta(f"{id_}{ordem:02d}", key, label, tipo, opcoes)
        formulario.perguntas.append(pergunta)
    if not pagina.anuncios:
        pagina.anuncios = _anuncios(pagina)
    return formulario


def _anuncios(pagina: Pagina) -> tuple[Anuncio, ...]:
    base = f"120{pagina.id[-3:]}"
    conjunto, campanha = (f"{base}010", "Público SP 25-45"), (f"{base}100", "Janeiro")
    nomes = ("Anúncio A — vídeo", "Anúncio B — carrossel")
    return tuple(
        Anuncio(f"{base}00{n}", nome, *conjunto, *campanha)
        for n, nome in enumerate(nomes, 1)
    )


def _preencher(formulario: Formulario) -> None:
    """Old leads, organic and from ads by turns; the same ids at each start."""
    for n, dias in enumerate(IDADES):
        quem = amostras.GENTE[n % len(amostras.GENTE)]
        anuncios = formulario.pagina.anuncios
        leads.nascer(
            formulario,
            amostras.respostas(formulario, quem),
            id_=f"1201{formulario.id}{n:03d}",
            criado_em=_meia_noite() - dias * DIA + n * 3600,
            anuncio=anuncios[n % len(anuncios)] if n % 3 else None,
            plataforma="ig" if n % 2 else "fb",
            consentiu={WHATSAPP.key: n % 2 == 0},
        )


def _meia_noite() -> int:
    return agora() // DIA * DIA
