// [data-guarda]: marked once something in it changed, so that nobody leaves it by accident.
(() => {
  const mudada = () => document.querySelector("[data-guarda][data-mudou]");

  function marcar({ target }) {
    const guarda = target.closest?.("[data-guarda]");
    if (guarda) guarda.dataset.mudou = "";
  }
  document.addEventListener("input", marcar);
  document.addEventListener("change", marcar);
  document.addEventListener("submit", ({ target, submitter }) => {
    if (target.matches("[data-guarda]") && !submitter?.name) delete target.dataset.mudou;
  });
  // A dialog asks by itself; a page can only have the browser ask.
  addEventListener("beforeunload", (evento) => {
    const guarda = mudada();
    if (guarda && !guarda.closest("dialog")) evento.preventDefault();
  });
})();
