// A session that ends while somebody writes into the dialog throws nothing away: the dialog stays, says
// what to do, and saves once the same person is in again. Before dialogos.js, which asks its questions.
(() => {
  const modal = document.getElementById("modal");
  const molde = document.getElementById("molde-sessao");
  const aviso = () => modal.querySelector("[data-sessao]");
  const escrito = () => modal.open && "escrito" in modal.dataset;

  function marcar({ target }) {
    if (modal.contains(target)) modal.dataset.escrito = "";
  }
  document.addEventListener("input", marcar);
  document.addEventListener("change", marcar);
  modal.addEventListener("close", () => {
    if (!modal.open) delete modal.dataset.escrito;
  });

  function avisar() {
    if (aviso()) return;
    const novo = document.importNode(molde.content.firstElementChild, true);
    const porta = novo.querySelector("a");
    porta.search = new URLSearchParams({ next: location.pathname + location.search });
    (modal.querySelector(".modal-corpo") ?? modal).prepend(novo);
    novo.scrollIntoView({ block: "nearest" });
  }

  // Whatever asked, the bell too: the answer would send the whole page to the log-in.
  document.body.addEventListener("htmx:beforeOnLoad", (evento) => {
    if (!escrito() || !evento.detail.xhr.getResponseHeader("X-Sessao")) return;
    evento.preventDefault();
    avisar();
  });

  // The page as it is now says who is in, and brings this log-in's token for what stands here.
  async function quemEsta() {
    const resposta = await fetch(location.href);
    const nova = new DOMParser().parseFromString(await resposta.text(), "text/html");
    const quem = nova.getElementById("modal")?.dataset.quem;
    if (quem === modal.dataset.quem) trocarToken(nova.body.getAttribute("hx-headers"));
    return quem;
  }

  function trocarToken(cabecalhos) {
    document.body.setAttribute("hx-headers", cabecalhos);
    const token = JSON.parse(cabecalhos)["x-csrftoken"];
    for (const campo of document.getElementsByName("csrfmiddlewaretoken")) campo.value = token;
  }

  async function retomar({ question, issueRequest }) {
    const { ainda, outra } = aviso().dataset;
    const quem = await quemEsta().catch(() => null);
    // Without an answer there is nothing to know: the request itself says what is wrong.
    if (quem === modal.dataset.quem || quem === null) {
      if (quem) aviso()?.remove();
      // What asks before it does is pressed once more.
      if (!question) issueRequest(true);
      return;
    }
    htmx.trigger(document.body, "aviso", { texto: quem ? outra : ainda, tom: "erro" });
  }

  document.body.addEventListener("htmx:confirm", (evento) => {
    if (!aviso() || !modal.contains(evento.detail.elt)) return;
    evento.preventDefault();
    evento.stopImmediatePropagation();
    // What fetches itself waits for the person, and asks nothing for them.
    if (!evento.detail.elt.matches("[data-silencioso]")) retomar(evento.detail);
  });
})();
