// What is being written is kept on the server too: it is there on the next device.
(() => {
  const ESPERA_MS = 900;
  let relogio = null;
  let guardado = null;

  const caixa = () => document.querySelector("[data-compositor] textarea[data-rascunho]");
  const dados = (campo) => {
    const formulario = new FormData();
    formulario.set("texto", campo.value);
    formulario.set("csrfmiddlewaretoken", campo.form.elements.csrfmiddlewaretoken.value);
    return formulario;
  };

  // A beacon leaves even when the page does, and never delays it.
  function guardar() {
    clearTimeout(relogio);
    relogio = null;
    const campo = caixa();
    if (!campo || campo.readOnly || campo.value === guardado) return;
    guardado = campo.value;
    navigator.sendBeacon(campo.dataset.rascunho, dados(campo));
  }

  document.addEventListener("input", ({ target }) => {
    if (target !== caixa()) return;
    clearTimeout(relogio);
    relogio = setTimeout(guardar, ESPERA_MS);
  });
  // Another conversation is about to take the place of this one.
  document.body.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    if (relogio && target.id === "painel") guardar();
  });
  document.body.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    // Sending forgets the draft there: nothing may bring it back.
    if (elt.matches?.("[data-compositor]")) clearTimeout(relogio);
  });
  document.body.addEventListener("mensagem-enviada", () => {
    clearTimeout(relogio);
    guardado = "";
  });
  document.body.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
    if (elt.id === "conversa" || elt.querySelector?.("#conversa")) guardado = caixa()?.value ?? null;
  });
  addEventListener("pagehide", guardar);
  guardado = caixa()?.value ?? null;
})();
