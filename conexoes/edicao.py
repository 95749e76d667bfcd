"""Forms that two people may have open at once, each with other changes in mind."""

from __future__ import annotations

from typing import Any

from django import forms


class FormularioDeEdicao(forms.Form):
    """Remembers what it showed, and tells what was changed of that.

    Whoever writes ``mudados`` alone writes over nothing that somebody else changed
    while the form stood open. Said without what was shown, every field counts.
    """

    def lembrar(self) -> None:
        """Send what is shown along, hidden; once all the fields are there."""
        for campo in self.fields.values():
            campo.show_hidden_initial = True

    def mudou(self, nome: str) -> bool:
        """Whether it was written, and not only sent back as it was shown."""
        vista = self[nome].html_initial_name in self.data
        return not vista or nome in self.changed_data

    @property
    def mudados(self) -> dict[str, Any]:
        """What was changed of what was shown, cleaned."""
        return {c: v for c, v in self.cleaned_data.items() if self.mudou(c)}

    @property
    def completos(self) -> dict[str, Any]:
        """What was changed, over what holds now: for verbs that take the whole."""
        return {**self.initial, **self.mudados}
