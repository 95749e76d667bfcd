from django.db import migrations

# What is looked for: the words without accents, and one more that names the
# organisation, so that the index itself stays inside it.
_SEM_ACENTOS = (
    "translate(lower(left(texto, 20000)),"
    " 'áàâãäéèêëíìîïóòôõöúùûüçñ', 'aaaaaeeeeiiiiooooouuuucn')"
)
COLUNA = f"""
ALTER TABLE mensagens ADD COLUMN busca tsvector GENERATED ALWAYS AS (
    to_tsvector('simple'::regconfig, {_SEM_ACENTOS})
    || array_to_tsvector(ARRAY['o' || replace(organizacao_id::text, '-', '')])
) STORED
"""
INDICE = "CREATE INDEX mensagens_busca ON mensagens USING gin (busca)"

# Row-level security lets no index serve an operator that might leak, so the search
# runs as a role that sees all, in a function that only ever looks at the open tenant.
PROCURAR = """
CREATE FUNCTION procurar_mensagens(p_consulta text, p_quantas int)
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
ASSINATURA = "procurar_mensagens(text, int)"


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0006_isolar_atendimento_e_pessoas"),
        ("conexoes", "0002_isolamento"),
    ]

    operations = [
        migrations.RunSQL([COLUNA, INDICE], "ALTER TABLE mensagens DROP COLUMN busca"),
        migrations.RunSQL(
            [
                PROCURAR,
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
