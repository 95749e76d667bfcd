from django.db import migrations

from conexoes.isolamento import Isolar

# The one way in for a webhook: a single round trip, as a role that sees every
# organisation, through a function that can do nothing else.
RECEBER = """
CREATE FUNCTION receber_webhook(
    p_id uuid, p_endpoint text, p_organizacao uuid, p_chave text, p_destino text,
    p_corpo bytea, p_cabecalhos jsonb
) RETURNS boolean LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    WITH nova AS (
        INSERT INTO webhooks_logs
            (id, endpoint, organizacao_id, chave, tipo, destino, corpo, cabecalhos,
             max_tentativas)
        VALUES
            (p_id, p_endpoint, p_organizacao, p_chave, 'webhook', p_destino, p_corpo,
             p_cabecalhos, 8)
        ON CONFLICT (endpoint, chave) DO NOTHING
        RETURNING 1
    )
    SELECT EXISTS (SELECT 1 FROM nova)
$$
"""

SAUDE = """
CREATE VIEW integracao_health WITH (security_invoker = true) AS
SELECT
    organizacao_id,
    tipo,
    count(*) FILTER (WHERE status = 'pending') AS pendentes,
    count(*) FILTER (WHERE status = 'failed') AS falhas_permanentes,
    count(*) FILTER (WHERE status = 'completed') AS sucesso,
    avg(tentativas) FILTER (WHERE status = 'completed') AS media_tentativas,
    max(criado_em) FILTER (WHERE status = 'failed') AS ultima_falha
FROM eventos_pendentes
WHERE criado_em > now() - interval '24 hours'
GROUP BY organizacao_id, tipo
"""

ASSINATURA = "receber_webhook(uuid, text, uuid, text, text, bytea, jsonb)"


class Migration(migrations.Migration):
    dependencies = [("conexoes", "0001_initial"), ("crm", "0002_isolamento")]

    operations = [
        Isolar("WebhookRecebido"),
        Isolar("EventoPendente"),
        Isolar("SegredoWebhook"),
        Isolar("RegistroAuditoria"),
        migrations.RunSQL(SAUDE, "DROP VIEW integracao_health"),
        migrations.RunSQL(
            [
                RECEBER,
                # Giving a function away needs CREATE in the schema for its new owner.
                "GRANT CREATE ON SCHEMA public TO conexoes_sistema",
                f"ALTER FUNCTION {ASSINATURA} OWNER TO conexoes_sistema",
                "REVOKE CREATE ON SCHEMA public FROM conexoes_sistema",
                "SET LOCAL ROLE conexoes_sistema",
                f"REVOKE ALL ON FUNCTION {ASSINATURA} FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION {ASSINATURA} TO conexoes_app",
                "SET LOCAL ROLE NONE",
            ],
            f"DROP FUNCTION {ASSINATURA}",
        ),
    ]
