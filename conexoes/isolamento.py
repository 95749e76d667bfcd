"""Migration operations that lock a table to its organisation inside PostgreSQL.

Each tenant table gets row-level security, forced also on its owner, with one policy
for the app, one for the few jobs that cross organisations and one for migrations;
and composite foreign keys, so that a row cannot point at another organisation's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import ForeignKey, Model

# After a transaction the setting is '' and not NULL, and ''::uuid raises.
ORGANIZACAO = "nullif(current_setting('app.current_tenant', true), '')::uuid"
USUARIO = "nullif(current_setting('app.current_user', true), '')::uuid"
PAPEL = "current_setting('app.current_role', true)"


class Isolar(Operation):
    """Lock ``modelo`` to its organisation.

    ``coluna`` holds the organisation ("id" for the organisation itself). With
    ``tambem_a_propria`` a person always sees their own row, as log-in needs. With
    ``so_da_pessoa`` members see only rows whose ``usuario_id`` is theirs: the PRD's
    "own connection unless admin", as a RESTRICTIVE policy, since permissive ones are
    ORed and an admin would then see every organisation. With ``alvo`` other tables may
    point at this one through a ``ChaveDaOrganizacao``.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(
        self,
        modelo: str,
        *,
        coluna: str = "organizacao_id",
        tambem_a_propria: bool = False,
        so_da_pessoa: bool = False,
        alvo: bool = False,
    ) -> None:
        self.modelo = modelo
        self.coluna = coluna
        self.tambem_a_propria = tambem_a_propria
        self.so_da_pessoa = so_da_pessoa
        self.alvo = alvo

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change no model state: only the database learns of this."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        modelo = to_state.apps.get_model(app_label, self.modelo)
        for sql in (*self._politicas(modelo), *self._chaves(modelo)):
            schema_editor.execute(sql)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        modelo = from_state.apps.get_model(app_label, self.modelo)
        tabela = modelo._meta.db_table
        for nome in self._nomes_das_chaves(modelo):
            schema_editor.execute(
                f'ALTER TABLE "{tabela}" DROP CONSTRAINT IF EXISTS "{nome}" CASCADE'
            )
        for politica in ("organizacao", "sistema", "dono", "propria"):
            schema_editor.execute(f'DROP POLICY IF EXISTS {politica} ON "{tabela}"')
        schema_editor.execute(f'ALTER TABLE "{tabela}" NO FORCE ROW LEVEL SECURITY')
        schema_editor.execute(f'ALTER TABLE "{tabela}" DISABLE ROW LEVEL SECURITY')

    def describe(self) -> str:
        return f"Isolate {self.modelo} by organisation"

    @property
    def migration_name_fragment(self) -> str:
        return f"isolar_{self.modelo.lower()}"

    def _nomes_das_chaves(self, modelo: type[Model]) -> Iterator[str]:
        tabela = modelo._meta.db_table
        for campo in modelo._meta.local_fields:
            if isinstance(campo, ChaveDaOrganizacao):
                yield f"{tabela}_{campo.name}_na_organizacao"
        if self.alvo:
            yield f"{tabela}_na_organizacao"

    def _politicas(self, modelo: type[Model]) -> Iterator[str]:
        tabela = modelo._meta.db_table
        yield f'ALTER TABLE "{tabela}" ENABLE ROW LEVEL SECURITY'
        yield f'ALTER TABLE "{tabela}" FORCE ROW LEVEL SECURITY'
        regra = f"{self.coluna} = {ORGANIZACAO}"
        if self.tambem_a_propria:
            regra = f"{regra} OR id = {USUARIO}"
        yield _politica(tabela, "organizacao", "conexoes_app", regra)
        yield _politica(tabela, "sistema", "conexoes_sistema", "true")
        # Without it an owner under FORCE sees nothing: foreign keys would validate
        # bad data, data migrations would do nothing and pg_dump would fail.
        yield _politica(tabela, "dono", "conexoes_dono", "true")
        if self.so_da_pessoa:
            propria = f"usuario_id = {USUARIO} OR {PAPEL} IN ('admin', 'servico')"
            yield _politica(tabela, "propria", "conexoes_app", propria, "RESTRICTIVE")

    def _chaves(self, modelo: type[Model]) -> Iterator[str]:
        tabela = modelo._meta.db_table
        if self.alvo:
            yield _unica(tabela, self.coluna)
        for campo in modelo._meta.local_fields:
            if isinstance(campo, ChaveDaOrganizacao):
                yield _chave_composta(campo, self.coluna)


class _Acrescimo(Operation):
    """One constraint more on a table that was isolated before."""

    reversible = True
    modelo: str

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change no model state: only the database learns of this."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        schema_editor.execute(
            self._criar(to_state.apps.get_model(app_label, self.modelo))
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        tabela = from_state.apps.get_model(app_label, self.modelo)._meta.db_table
        nome = self._nome(tabela)
        schema_editor.execute(
            f'ALTER TABLE "{tabela}" DROP CONSTRAINT IF EXISTS "{nome}" CASCADE'
        )

    def _criar(self, modelo: type[Model]) -> str:
        raise NotImplementedError

    def _nome(self, tabela: str) -> str:
        raise NotImplementedError


class IsolarChave(_Acrescimo):
    """Make one key that was added to an isolated table composite."""

    def __init__(self, modelo: str, campo: str) -> None:
        self.modelo, self.campo = modelo, campo

    def describe(self) -> str:
        return f"Keep {self.modelo}.{self.campo} inside its organisation"

    def _criar(self, modelo: type[Model]) -> str:
        return _chave_composta(modelo._meta.get_field(self.campo))

    def _nome(self, tabela: str) -> str:
        return f"{tabela}_{self.campo}_na_organizacao"


class TornarAlvo(_Acrescimo):
    """Let other tenant tables point at a table that was isolated before."""

    def __init__(self, modelo: str) -> None:
        self.modelo = modelo

    def describe(self) -> str:
        return f"Let keys of an organisation point at {self.modelo}"

    def _criar(self, modelo: type[Model]) -> str:
        return _unica(modelo._meta.db_table, "organizacao_id")

    def _nome(self, tabela: str) -> str:
        return f"{tabela}_na_organizacao"


class ChaveDaOrganizacao(ForeignKey):  # type: ignore[type-arg]
    """A foreign key between two tenant tables, enforced by ``Isolar`` as composite."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        nome, caminho, argumentos, opcoes = super().deconstruct()
        opcoes.pop("db_constraint", None)
        return nome, caminho, argumentos, opcoes


def _unica(tabela: str, coluna: str) -> str:
    return (
        f'ALTER TABLE "{tabela}" ADD CONSTRAINT "{tabela}_na_organizacao"'
        f" UNIQUE ({coluna}, id)"
    )


def _chave_composta(campo: Any, coluna: str = "organizacao_id") -> str:
    tabela, alvo = campo.model._meta.db_table, campo.related_model._meta.db_table
    return (
        f'ALTER TABLE "{tabela}" ADD CONSTRAINT "{tabela}_{campo.name}_na_organizacao"'
        f' FOREIGN KEY ({coluna}, "{campo.column}")'
        f' REFERENCES "{alvo}" (organizacao_id, id)'
        " DEFERRABLE INITIALLY DEFERRED"
    )


def _politica(
    tabela: str, nome: str, papel: str, regra: str, tipo: str = "PERMISSIVE"
) -> str:
    return (
        f'CREATE POLICY {nome} ON "{tabela}" AS {tipo} FOR ALL TO {papel}'
        f" USING ({regra}) WITH CHECK ({regra})"
    )
