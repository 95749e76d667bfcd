// One <dialog> for content that htmx brings, one that replaces window.confirm.
(() => {
  const modal = document.getElementById("modal");
  const confirmar = document.getElementById("confirmar");
  const LEITURA_MS = 2500;
  let caminho = [];
  let relogio = null;

  function abrir() {
    if (!modal.firstElementChild || modal.open) return;
    modal.showModal();
    focar();
  }

  // showModal() lands on the button that closes: what somebody came to fill in is better. On a phone
  // that would open the keyboard over the dialog, so only what asks for it with [data-foco].
  function focar() {
    const pedido = modal.querySelector("[data-foco]");
    const campo = pedido ?? modal.querySelector(
      ":is(input:not([type=hidden], [type=radio]), input[type=radio]:checked, select, textarea):enabled",
    );
    if (pedido || matchMedia("(hover: hover)").matches) campo?.focus();
  }

  // Remembered before the request: a button disabled meanwhile loses the focus.
  document.body.addEventListener("htmx:beforeRequest", (evento) => {
    if (evento.detail.target !== modal || modal.open) return;
    caminho = [];
    for (let item = evento.detail.elt; item; item = item.parentElement) {
      if (item.id) caminho.push(item.id);
    }
  });

  function fechar() {
    if (modal.open) modal.close();
  }

  // What was typed into [data-guarda] and not saved is asked about before it is thrown away.
  function sair() {
    const guardado = modal.querySelector("[data-guarda][data-mudou]");
    if (!guardado) {
      fechar();
      return;
    }
    perguntar(guardado.dataset.guarda, guardado.dataset, fechar);
  }

  modal.addEventListener("close", () => {
    if (modal.open) return;
    clearTimeout(relogio);
    modal.replaceChildren();
    // The opener may have been swapped meanwhile: then the nearest thing around it gets the focus.
    caminho.map((id) => document.getElementById(id)).find(Boolean)?.focus();
    htmx.trigger(document.body, "modal-fechou");
  });
  modal.addEventListener("click", (evento) => {
    if (evento.target === modal || evento.target.closest("[data-fechar-modal]")) sair();
  });
  modal.addEventListener("cancel", (evento) => {
    evento.preventDefault();
    sair();
  });

  // What had the focus in the dialog may be gone with what stood there: who goes on with Tab goes on there.
  function manterFoco(novo) {
    if (!modal.open || document.activeElement !== document.body || !modal.contains(novo)) return;
    novo.tabIndex = -1;
    novo.focus({ preventScroll: true });
  }

  // Fires for the first content and for every fragment inside that fetches itself again.
  document.body.addEventListener("htmx:afterSettle", (evento) => {
    // Only for content of its own: a list refreshed elsewhere between close() and its event, which
    // comes a task later, would open the dialog again and leave it open and empty.
    if (evento.detail.target === modal) abrir();
    manterFoco(evento.detail.elt);
    const fim = modal.querySelector("[data-fecha-sozinho='']");
    if (!fim) return;
    fim.dataset.fechaSozinho = "agendado";
    clearTimeout(relogio);
    relogio = setTimeout(fechar, LEITURA_MS);
  });
  document.body.addEventListener("fechar-ja", fechar);
  // The server says so together with its last words: they stay long enough to be read.
  document.body.addEventListener("fechar-modal", () => {
    clearTimeout(relogio);
    relogio = setTimeout(fechar, LEITURA_MS);
  });

  function perguntar(pergunta, { confirmarTitulo, confirmarAcao, confirmarTom }, sim) {
    const titulo = document.getElementById("confirmar-titulo");
    const botao = document.getElementById("confirmar-sim");
    titulo.textContent = confirmarTitulo || titulo.dataset.padrao;
    document.getElementById("confirmar-texto").textContent = pergunta;
    botao.textContent = confirmarAcao || botao.dataset.padrao;
    botao.className = `botao botao-${confirmarTom === "perigo" ? "perigo" : "primario"}`;
    confirmar.dataset.tom = confirmarTom || "";
    confirmar.returnValue = "";
    const origem = document.activeElement;
    confirmar.addEventListener(
      "close",
      () => {
        origem?.focus();
        if (confirmar.returnValue === "sim") sim();
      },
      { once: true },
    );
    confirmar.showModal();
  }

  // hx-confirm="question", with data-confirmar-titulo, -acao and -tom on the same element.
  // What was asked about may be swapped for its newer self while the question stands:
  // the answer then counts for that one, which is clicked without asking again.
  function pedir(evento) {
    const { elt, issueRequest } = evento.detail;
    if (elt.isConnected) {
      issueRequest(true);
      return;
    }
    const novo = elt.id && document.getElementById(elt.id);
    if (!novo) return;
    novo.dataset.confirmado = "";
    novo.click();
  }

  document.body.addEventListener("htmx:confirm", (evento) => {
    if (!evento.detail.question) return;
    evento.preventDefault();
    if ("confirmado" in evento.detail.elt.dataset) {
      delete evento.detail.elt.dataset.confirmado;
      evento.detail.issueRequest(true);
      return;
    }
    perguntar(evento.detail.question, evento.detail.elt.dataset, () => pedir(evento));
  });
  confirmar.addEventListener("click", (evento) => {
    if (evento.target === confirmar) confirmar.close("");
  });
})();
