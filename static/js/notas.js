// The note box takes the composer's place while it is open; Ctrl+Enter or Enter keeps the note.
(() => {
  const nota = () => document.querySelector("[data-nota]");
  const compositor = () => document.getElementById("compositor");

  function mostrar(aberta) {
    if (!nota()) return;
    nota().hidden = !aberta;
    compositor().hidden = aberta;
    (aberta ? nota() : compositor()).querySelector("textarea")?.focus();
  }

  document.body.addEventListener("abrir-nota", () => mostrar(true));
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-nota-abrir]")) mostrar(true);
    else if (target.closest?.("[data-nota-fechar]")) mostrar(false);
  });
  document.addEventListener("keydown", (evento) => {
    if (!evento.target.closest?.("[data-nota] textarea") || evento.isComposing) return;
    if (evento.key === "Escape") mostrar(false);
    if (evento.key !== "Enter" || evento.shiftKey || matchMedia("(pointer: coarse)").matches) return;
    evento.preventDefault();
    evento.target.form.requestSubmit();
  });
  // The composer is fetched again by itself: while a note is open it stays behind it.
  document.body.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
    if (elt.id === "compositor" && nota() && !nota().hidden) elt.hidden = true;
    if (elt.id === "nota" && !elt.hidden) elt.querySelector("textarea").focus();
  });
})();
