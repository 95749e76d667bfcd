from django.db import migrations, models

# One plan cannot serve both: of a rare word the search index finds all, of a common
# one the newest messages are simply looked through until there are enough. A text made
# on the spot is planned with the words in it, so PostgreSQL chooses by how common they
# are.
PROCURAR = """
CREATE OR REPLACE FUNCTION procurar_mensagens(p_consulta text, p_quantas int)
RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_tenant uuid := nullif(current_setting('app.current_tenant', true), '')::uuid;
BEGIN
    IF v_tenant IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE
        'SELECT m.id FROM mensagens m'
        ' WHERE m.organizacao_id = $1 AND m.busca @@ $2 AND m.apagada_em IS NULL'
        ' ORDER BY m.momento DESC, m.id DESC LIMIT $3'
    USING
        v_tenant,
        to_tsquery('simple'::regconfig, p_consulta)
            && ('o' || replace(v_tenant::text, '-', ''))::tsquery,
        p_quantas;
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
