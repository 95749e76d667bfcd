from django.db import migrations

# Deliveries that came together are kept by one statement and one commit. In the order
# of their key, so that two processes with the same ones cannot wait for each other.
RECEBER = """
CREATE FUNCTION receber_webhooks(
    p_ids uuid[], p_endpoints text[], p_organizacoes uuid[], p_chaves text[],
    p_destinos text[], p_corpos bytea[], p_cabecalhos jsonb[]
) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO webhooks_logs
        (id, endpoint, organizacao_id, chave, tipo, destino, corpo, cabecalhos,
         max_tentativas)
    SELECT n.id, n.endpoint, n.organizacao, n.chave, 'webhook', n.destino, n.corpo,
           n.cabecalhos, 8
    FROM unnest(p_ids, p_endpoints, p_organizacoes, p_chaves, p_destinos, p_corpos,
                p_cabecalhos)
         AS n(id, endpoint, organizacao, chave, destino, corpo, cabecalhos)
    ORDER BY n.endpoint, n.chave
    ON CONFLICT (endpoint, chave) DO NOTHING
$$
"""

ANTIGA = "receber_webhook(uuid, text, uuid, text, text, bytea, jsonb)"
NOVA = "receber_webhooks(uuid[], text[], uuid[], text[], text[], bytea[], jsonb[])"


class Migration(migrations.Migration):
    dependencies = [("conexoes", "0006_isolar_chaves_e_configuracoes")]

    operations = [
        migrations.RunSQL(
            [
                RECEBER,
                # Giving a function away needs CREATE in the schema for its new owner.
                "GRANT CREATE ON SCHEMA public TO conexoes_sistema",
                f"ALTER FUNCTION {NOVA} OWNER TO conexoes_sistema",
                "REVOKE CREATE ON SCHEMA public FROM conexoes_sistema",
                "SET LOCAL ROLE conexoes_sistema",
                f"REVOKE ALL ON FUNCTION {NOVA} FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION {NOVA} TO conexoes_app",
                f"DROP FUNCTION {ANTIGA}",
                "SET LOCAL ROLE NONE",
            ],
        ),
    ]
