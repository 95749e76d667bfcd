"""List pages with 2,000 messages and with 200,000, one after the other in one run.

``.venv/bin/python -m bench.listas`` (about three minutes).
"""

from __future__ import annotations

import argparse
import json
import sys

from bench.casa import Bancada, bancada, dizer

META = 1.2
POUCAS, MUITAS = 2_000, 200_000
# A message in ten is of one long conversation; the others have twenty each.
CRESCER = """
WITH org AS (SELECT organizacao_id AS o, id AS u FROM usuarios
             WHERE email = 'admin@aurora.example'),
novos AS (
    INSERT INTO contatos (id, criado_em, atualizado_em, organizacao_id, nome, telefone,
                          email, origem, busca, telefone_chave)
    SELECT gen_random_uuid(), now(), now(), o, 'Contato ' || n, '', '', 'whatsapp',
           'contato ' || lpad(n::text, 8, '0')
           || CASE WHEN n < 20 THEN ' raro' ELSE '' END, ''
    FROM org, generate_series($DE::int / 20, $ATE::int / 20 - 1) n
    RETURNING id, organizacao_id, nome
),
conversas_novas AS (
    INSERT INTO conversas (id, criado_em, atualizado_em, organizacao_id, contato_id,
                           canal, conexao_id, conexao_nome, endereco, nao_lidas,
                           ultima_mensagem_em, ultima_mensagem_texto, ultima_direcao,
                           ultimo_status)
    SELECT gen_random_uuid(), now() - (right(nome, -8)::int || ' minutes')::interval,
           now(), organizacao_id, id, 'whatsapp', gen_random_uuid(), 'bench', id::text,
           0, now() - (right(nome, -8)::int || ' minutes')::interval, 'Mensagem',
           'saida', 'lida'
    FROM novos RETURNING id, organizacao_id, ultima_mensagem_em
)
INSERT INTO mensagens (id, criado_em, atualizado_em, organizacao_id, conversa_id,
                       direcao, tipo, texto, status, motivo, id_externo, do_celular,
                       momento)
SELECT gen_random_uuid(), now(), now(), c.organizacao_id, c.id, 'saida', 'texto',
       'Mensagem ' || n || CASE WHEN n = 0 AND random() < 0.02 AND $DE::int = 0
                           THEN ' raridade' ELSE '' END,
       'lida', '', '', false, c.ultima_mensagem_em - (n || ' seconds')::interval
FROM conversas_novas c, generate_series(0, 17) n
"""
LONGA = """
INSERT INTO mensagens (id, criado_em, atualizado_em, organizacao_id, conversa_id,
                       direcao, tipo, texto, status, motivo, id_externo, do_celular,
                       momento)
SELECT gen_random_uuid(), now(), now(), c.organizacao_id, c.id, 'saida', 'texto',
       'Mensagem ' || n, 'lida', '', '', false, now() - (n || ' minutes')::interval
FROM (SELECT id, organizacao_id FROM conversas WHERE conexao_nome = 'bench'
      ORDER BY criado_em LIMIT 1) c,
     generate_series($DE::int / 10, $ATE::int / 10 - 1) n
"""
AVISOS = """
INSERT INTO notificacoes (id, criado_em, atualizado_em, organizacao_id, usuario_id,
                          titulo, texto, url, tom, icone, chave, lida_em)
SELECT gen_random_uuid(), now() - (n || ' minutes')::interval, now(),
       organizacao_id, id, 'Aviso ' || n, '', '', 'info', '', 'bench:' || n, now()
FROM usuarios, generate_series($DE::int / 20, $ATE::int / 20 - 1) n
WHERE email = 'admin@aurora.example'
"""
TRABALHO = """
INSERT INTO eventos_pendentes (id, organizacao_id, tipo, destino, chave, payload,
                               status, motivo, ordem, concluida_em, criado_em)
SELECT gen_random_uuid(), organizacao_id, 'enviar_whatsapp', 'whatsapp.envio',
       'bench:' || n, '{}', CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'completed' END,
       CASE WHEN n % 50 = 0 THEN 'esgotada' ELSE '' END, '', now(),
       now() - (n || ' minutes')::interval
FROM usuarios, generate_series($DE::int / 2, $ATE::int / 2 - 1) n
WHERE email = 'admin@aurora.example'
"""

# One in twenty is still open, as in a pipeline that is tended.
NEGOCIOS = """
INSERT INTO oportunidades (id, criado_em, atualizado_em, organizacao_id, contato_id,
                           funil_id, etapa_id, titulo, valor, status, etapa_desde,
                           fechada_em, moeda, motivo_da_perda, origem, origem_chave)
SELECT gen_random_uuid(), now(), now(), c.organizacao_id, c.id, e.funil_id, e.id,
       'Negócio ' || n, n, CASE WHEN n % 20 = 0 THEN 'aberta' ELSE 'ganha' END,
       now() - (n || ' minutes')::interval,
       CASE WHEN n % 20 = 0 THEN NULL ELSE now() - (n || ' minutes')::interval END,
       'BRL', '', '', ''
FROM (SELECT id, organizacao_id, right(nome, -8)::int AS n FROM contatos
      WHERE nome LIKE 'Contato %') c,
     LATERAL (SELECT id, funil_id FROM etapas_funil
              WHERE organizacao_id = c.organizacao_id ORDER BY ordem LIMIT 1) e
WHERE n >= $DE::int / 20
"""


def crescer(casa: Bancada, de: int, ate: int) -> None:
    """From ``de`` to ``ate`` messages, with contacts, notifications and work beside."""
    for comando in (CRESCER, LONGA, AVISOS, TRABALHO, NEGOCIOS):
        casa.sql(comando.replace("$DE", str(de)).replace("$ATE", str(ate)))
    casa.sql("VACUUM ANALYZE")


def visitar(casa: Bancada) -> dict[str, dict[str, float]]:
    medidas: dict[str, dict[str, float]] = json.loads(
        casa.executar("-m", "bench.visitas").splitlines()[-1]
    )
    return medidas


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    with bancada() as (casa, _servidores):
        crescer(casa, 0, POUCAS)
        visitar(casa)
        poucas = visitar(casa)
        crescer(casa, POUCAS, MUITAS)
        visitar(casa)
        muitas = visitar(casa)
    return relatar(poucas, muitas)


def relatar(
    poucas: dict[str, dict[str, float]], muitas: dict[str, dict[str, float]]
) -> int:
    dizer(f"{'':<32}{POUCAS:>8}{MUITAS:>10}{'ratio':>8}{'queries':>10}")
    piores, mudaram = [], []
    for nome, pouca in poucas.items():
        muita = muitas[nome]
        if nome.startswith("_"):
            dizer(f"rows {nome[1:]}: {pouca['ms']:.0f} and {muita['ms']:.0f}")
            continue
        razao = muita["ms"] / pouca["ms"]
        consultas = f"{pouca['consultas']:.0f}/{muita['consultas']:.0f}"
        dizer(
            f"{nome:<32}{pouca['ms']:>8.1f}{muita['ms']:>10.1f}{razao:>8.2f}"
            f"{consultas:>10}"
        )
        if razao > META:
            piores.append(nome)
        if pouca["consultas"] != muita["consultas"]:
            mudaram.append(nome)
    dizer(f"above {META}: {', '.join(piores) or 'none'}")
    dizer(f"number of queries not constant: {', '.join(mudaram) or 'none'}")
    return 1 if mudaram else 0


if __name__ == "__main__":
    sys.exit(main())
