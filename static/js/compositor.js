// The message box: Enter sends, it grows with the text, and a draft is never lost.
(() => {
  const ALTURA_MAXIMA_PX = 200;
  // The count shows when this part of the room is used.
  const QUASE_CHEIO = 0.9;
  // Of one person: who enters in this tab next is shown nothing of it.
  const { quem } = document.getElementById("modal").dataset;
  const chave = (formulario) => `rascunho:${quem}:${formulario.dataset.conversa}`;
  const caixaDe = (formulario) => formulario.querySelector("textarea");
  const temArquivos = (formulario) => Boolean(formulario.querySelector("[data-anexar]")?.files.length);
  // A redirect to the log-in is a 200 that sent nothing: the draft stays.
  const foi = (xhr) => xhr.status >= 200 && xhr.status <= 299 && !xhr.getResponseHeader("HX-Redirect");
  const temTexto = (formulario) => Boolean(caixaDe(formulario).value.trim());

  function ajustar(caixa) {
    caixa.rows = 1;
    // No inline style under the policy: the height is set by property, which CSP allows.
    caixa.style.height = "auto";
    caixa.style.height = `${Math.min(caixa.scrollHeight + 2, ALTURA_MAXIMA_PX)}px`;
  }

  function contar(formulario) {
    const conta = formulario.querySelector("[data-conta]");
    const maximo = Number(conta.dataset.conta);
    const { value } = caixaDe(formulario);
    // As the server counts: an emoji is one character. Splitting long texts takes time.
    const usados = value.length > maximo * QUASE_CHEIO ? [...value.trim()].length : 0;
    conta.hidden = usados < maximo * QUASE_CHEIO;
    conta.dataset.passou = usados > maximo ? "sim" : "";
    conta.querySelector("[data-conta-usada]").textContent = usados.toLocaleString(document.documentElement.lang);
  }

  function guardar(formulario) {
    const texto = caixaDe(formulario).value;
    try {
      if (texto) sessionStorage.setItem(chave(formulario), texto);
      else sessionStorage.removeItem(chave(formulario));
    } catch {
      // A text too large for the store stays in the box at least.
    }
    formulario.dataset.vazio = texto.trim() || temArquivos(formulario) ? "" : "sim";
    contar(formulario);
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
    if (!formulario || evento.target !== caixaDe(formulario)) return;
    ajustar(evento.target);
    guardar(formulario);
  });
  // Files came or went (anexos.js).
  document.addEventListener("anexos-mudaram", ({ target }) => guardar(target));

  document.addEventListener("keydown", (evento) => {
    const formulario = evento.target.closest?.("[data-compositor]");
    if (!formulario || evento.target !== caixaDe(formulario)) return;
    if (evento.key !== "Enter" || evento.shiftKey || evento.isComposing) return;
    // On a touch keyboard Enter is the only way to start a new line.
    if (matchMedia("(pointer: coarse)").matches) return;
    evento.preventDefault();
    if (temTexto(formulario) || temArquivos(formulario)) formulario.requestSubmit();
  });

  // While it is on its way the box is read-only, so nothing typed gets lost in the swap.
  document.body.addEventListener("htmx:beforeRequest", (evento) => {
    const formulario = evento.detail.elt.closest?.("[data-compositor]");
    if (!formulario) return;
    if (!temTexto(formulario) && !temArquivos(formulario)) return evento.preventDefault();
    caixaDe(formulario).readOnly = true;
  });
  document.body.addEventListener("htmx:afterRequest", (evento) => {
    // detail.elt is already something else when the form was swapped away.
    const formulario = evento.detail.requestConfig.elt.closest("[data-compositor]");
    if (!formulario) return;
    caixaDe(formulario).readOnly = false;
    if (foi(evento.detail.xhr)) htmx.trigger(document.body, "mensagem-enviada");
  });
  // Before the new box is on the page, which would take the draft up again.
  document.body.addEventListener("htmx:beforeOnLoad", ({ detail: { requestConfig, xhr } }) => {
    const formulario = requestConfig.elt.closest("[data-compositor]");
    if (formulario && foi(xhr)) sessionStorage.removeItem(chave(formulario));
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    const antes = document.activeElement;
    prepararTodos();
    const novo = document.querySelector("[data-compositor][data-focar] textarea");
    if (novo && antes === document.body) novo.focus();
  });

  prepararTodos();
})();
