// Rows of [data-ordenavel] dragged by their [data-pegador]; dropped, the form is sent with the new order.
(() => {
  let item = null;

  document.addEventListener("pointerdown", (evento) => {
    const pegador = evento.target.closest?.("[data-pegador]");
    if (!pegador || evento.button !== 0) return;
    evento.preventDefault();
    item = pegador.closest("[data-item]");
    item.dataset.levado = "";
    pegador.setPointerCapture(evento.pointerId);
  });

  document.addEventListener("pointermove", (evento) => {
    if (!item) return;
    const outros = [...item.parentElement.querySelectorAll("[data-item]:not([data-levado])")];
    const depois = outros.find((outro) => {
      const caixa = outro.getBoundingClientRect();
      return evento.clientY < caixa.top + caixa.height / 2;
    });
    if (depois !== item.nextElementSibling) item.parentElement.insertBefore(item, depois ?? null);
  });

  function soltar() {
    if (!item) return;
    const lista = item.parentElement;
    delete item.dataset.levado;
    item = null;
    const ordem = [...lista.querySelectorAll("[data-ordem]")];
    const agora = ordem.map((campo) => campo.value).join();
    if (agora === lista.dataset.ordem) return;
    lista.dataset.ordem = agora;
    for (const campo of ordem) campo.disabled = false;
    (document.getElementById(lista.dataset.ordenavel) ?? lista.closest("form")).requestSubmit();
  }
  document.addEventListener("pointerup", soltar);
  document.addEventListener("pointercancel", soltar);

  for (const lista of document.querySelectorAll("[data-ordenavel]")) {
    lista.dataset.ordem = [...lista.querySelectorAll("[data-ordem]")].map((campo) => campo.value).join();
  }
})();
