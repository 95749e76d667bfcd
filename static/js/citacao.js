// Answering one message: its "reply" button fills the strip above the box, Escape empties it.
(() => {
  const faixa = () => document.querySelector("[data-compositor] [data-citacao]");

  function citar(id, texto) {
    const atual = faixa();
    if (!atual) return;
    atual.querySelector("[name=cita]").value = id;
    atual.querySelector("[data-citacao-texto]").textContent = texto;
    atual.hidden = !id;
    atual.closest("form").querySelector("textarea").focus();
  }

  document.addEventListener("click", ({ target }) => {
    const botao = target.closest?.("[data-citar]");
    if (botao) citar(botao.dataset.citar, botao.dataset.citarTexto ?? "");
    else if (target.closest?.("[data-citacao-cancelar]")) citar("", "");
  });

  document.addEventListener("keydown", (evento) => {
    if (evento.key !== "Escape" || evento.isComposing) return;
    if (!evento.target.closest?.("[data-compositor]") || !faixa() || faixa().hidden) return;
    evento.preventDefault();
    citar("", "");
  });
})();
