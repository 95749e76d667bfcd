// The message box: Enter sends, it grows with the text, and a draft is never lost.
(() => {
  const ALTURA_MAXIMA_PX = 200;
  const chave = (formulario) => `rascunho:${formulario.dataset.conversa}`;
  const caixaDe = (formulario) => formulario.querySelector("textarea");

  function ajustar(caixa) {
    caixa.rows = 1;
    // No inline style under the policy: the height is set by property, which CSP allows.
    caixa.style.height = "auto";
    caixa.style.height = `${Math.min(caixa.scrollHeight + 2, ALTURA_MAXIMA_PX)}px`;
  }

  function guardar(formulario) {
    const texto = caixaDe(formulario).value;
    if (texto) sessionStorage.setItem(chave(formulario), texto);
    else sessionStorage.removeItem(chave(formulario));
    formulario.dataset.vazio = texto.trim() ? "" : "sim";
  }

  function preparar(formulario) {
    const caixa = caixaDe(formulario);
    if (!caixa || formulario.dataset.pronto) return;
    formulario.dataset.pronto = "sim";
    if (!caixa.value) caixa.value = sessionStorage.getItem(chave(formulario)) || "";
    ajustar(caixa);
    guardar(formulario);
  }

  function prepararTodos() {
    document.querySelectorAll("[data-compositor]").forEach(preparar);
  }

  document.addEventListener("input", (evento) => {
    const formulario = evento.target.closest("[data-compositor]");
    if (!formulario) return;
    ajustar(evento.target);
    guardar(formulario);
  });

  document.addEventListener("keydown", (evento) => {
    const formulario = evento.target.closest?.("[data-compositor]");
    if (!formulario || evento.key !== "Enter" || evento.shiftKey || evento.isComposing) return;
    // On a touch keyboard Enter is the only way to start a new line.
    if (matchMedia("(pointer: coarse)").matches) return;
    evento.preventDefault();
    if (caixaDe(formulario).value.trim()) formulario.requestSubmit();
  });

  // While it is on its way the box is read-only, so nothing typed gets lost in the swap.
  document.body.addEventListener("htmx:beforeRequest", (evento) => {
    const formulario = evento.detail.elt.closest?.("[data-compositor]");
    if (!formulario) return;
    if (!caixaDe(formulario).value.trim()) return evento.preventDefault();
    caixaDe(formulario).readOnly = true;
  });
  document.body.addEventListener("htmx:afterRequest", (evento) => {
    // detail.elt is already something else when the form was swapped away.
    const formulario = evento.detail.requestConfig.elt.closest("[data-compositor]");
    if (!formulario) return;
    caixaDe(formulario).readOnly = false;
    const { xhr } = evento.detail;
    // A redirect to the log-in is a 200 that sent nothing: the draft stays.
    if (xhr.status < 200 || xhr.status > 299 || xhr.getResponseHeader("HX-Redirect")) return;
    sessionStorage.removeItem(chave(formulario));
    htmx.trigger(document.body, "mensagem-enviada");
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    const antes = document.activeElement;
    prepararTodos();
    const novo = document.querySelector("[data-compositor][data-focar] textarea");
    if (novo && antes === document.body) novo.focus();
  });

  prepararTodos();
})();
