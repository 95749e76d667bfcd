from django.db import migrations, models

# A common word has enough among the newest messages; of a rare one the search index
# finds all. PostgreSQL cannot know which is which while the last word is only begun, so
# both are tried in that order; MATERIALIZED keeps the second from walking backwards.
PROCURAR = """
CREATE OR REPLACE FUNCTION procurar_mensagens(p_consulta text, p_quantas int)
RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_tenant uuid := nullif(current_setting('app.current_tenant', true), '')::uuid;
    v_consulta tsquery := to_tsquery('simple'::regconfig, p_consulta)
        && ('o' || replace(v_tenant::text, '-', ''))::tsquery;
    v_achadas uuid[];
BEGIN
    v_achadas := ARRAY(
        SELECT n.id FROM (
            SELECT m.id, m.momento, m.busca, m.apagada_em FROM mensagens m
            WHERE m.organizacao_id = v_tenant
            ORDER BY m.momento DESC, m.id DESC LIMIT 1000
        ) n
        WHERE n.busca @@ v_consulta AND n.apagada_em IS NULL
        ORDER BY n.momento DESC, n.id DESC LIMIT p_quantas
    );
    IF cardinality(v_achadas) < p_quantas THEN
        v_achadas := ARRAY(
            WITH achadas AS MATERIALIZED (
                SELECT m.id, m.momento FROM mensagens m
                WHERE m.busca @@ v_consulta AND m.organizacao_id = v_tenant
                    AND m.apagada_em IS NULL
            )
            SELECT a.id FROM achadas a
            ORDER BY a.momento DESC, a.id DESC LIMIT p_quantas
        );
    END IF;
    RETURN QUERY SELECT unnest(v_achadas);
END
$$
"""
ANTES = """
CREATE OR REPLACE FUNCTION procurar_mensagens(p_consulta text, p_quantas int)
RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT m.id FROM mensagens m
    WHERE m.busca @@ (
            to_tsquery('simple'::regconfig, p_consulta)
            && ('o' || replace(current_setting('app.current_tenant', true), '-', ''))
               ::tsquery
        )
        AND m.organizacao_id
            = nullif(current_setting('app.current_tenant', true), '')::uuid
        AND m.apagada_em IS NULL
    ORDER BY m.momento DESC, m.id DESC
    LIMIT p_quantas
$$
"""


def _como_sistema(funcao: str) -> list[str]:
    """Replacing a function needs its owner, and CREATE in its schema."""
    return [
        "GRANT CREATE ON SCHEMA public TO conexoes_sistema",
        "SET LOCAL ROLE conexoes_sistema",
        funcao,
        "SET LOCAL ROLE NONE",
        "REVOKE CREATE ON SCHEMA public FROM conexoes_sistema",
    ]


class Migration(migrations.Migration):
    dependencies = [("crm", "0008_usuario_avisos_por_email")]

    operations = [
        migrations.AddIndex(
            "mensagem",
            models.Index(
                fields=["organizacao", "-momento", "-id"], name="mensagens_mais_novas"
            ),
        ),
        migrations.RunSQL(_como_sistema(PROCURAR), _como_sistema(ANTES)),
    ]
