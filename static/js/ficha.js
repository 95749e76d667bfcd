// The panel about the contact: beside the thread where there is room, over it where there is not.
// Whether it is open is kept for the whole browser: whoever likes it finds it in every conversation.
(() => {
  const LARGO = matchMedia("(width >= 1200px)");
  const GUARDADO = "ficha-aberta";
  const ficha = () => document.getElementById("ficha");
  const botao = () => document.getElementById("abrir-ficha");

  function mostrar(aberta) {
    ficha().hidden = !aberta;
    botao()?.setAttribute("aria-expanded", String(aberta));
    const corpo = document.getElementById("ficha-corpo");
    if (aberta && !corpo.childElementCount) htmx.trigger(corpo, "ficha-abriu");
  }

  function alternar() {
    const abrir = ficha().hidden;
    mostrar(abrir);
    if (LARGO.matches) localStorage.setItem(GUARDADO, abrir ? "sim" : "");
    if (!abrir) botao()?.focus();
  }

  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-ficha]")) alternar();
  });
  document.addEventListener("keydown", (evento) => {
    if (evento.key === "Escape" && ficha() && !ficha().hidden && !LARGO.matches) alternar();
  });

  // A conversation just opened, or its head fetched again: as it was before.
  function preparar() {
    const painel = ficha();
    if (!painel) return;
    if (painel.dataset.pronta) {
      botao()?.setAttribute("aria-expanded", String(!painel.hidden));
      return;
    }
    painel.dataset.pronta = "sim";
    mostrar(LARGO.matches && Boolean(localStorage.getItem(GUARDADO)));
  }

  // A closed panel is not kept up to date.
  document.body.addEventListener("htmx:beforeRequest", (evento) => {
    if (evento.detail.elt.id === "ficha-corpo" && ficha()?.hidden) evento.preventDefault();
  });
  document.body.addEventListener("htmx:afterSettle", preparar);
  preparar();
})();
