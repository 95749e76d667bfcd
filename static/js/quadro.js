// The board: cards walked and moved with the keyboard, dropped by arrastar.js, shown at once where they go.
(() => {
  const quadro = () => document.getElementById("quadro");
  const etapas = () => [...quadro().querySelectorAll("[data-etapa]")];
  const cartas = (etapa) => [...etapa.querySelectorAll("[data-carta]")];
  const titulo = (carta) => carta.querySelector("a");
  const menuDa = (carta) => carta.querySelector("[data-menu-da-carta]");
  const POR_COLUNA = 20;
  let fila = Promise.resolve();
  let esperando = 0;

  function contar(etapa, quantas) {
    const conta = etapa.querySelector("[data-conta]");
    conta.textContent = Number(conta.textContent) + quantas;
  }

  // The answer is the whole board as it is now; without one the card goes back to where it was.
  function mover(carta, etapa) {
    const de = carta.closest("[data-etapa]");
    if (!etapa || etapa === de || !carta.dataset.mover) return;
    const valores = { etapa: etapa.dataset.etapa, de: de.dataset.etapa };
    const lugar = document.createComment("");
    const tinhaFoco = carta.contains(document.activeElement);
    carta.before(lugar);
    etapa.querySelector("[data-cartas]").prepend(carta);
    contar(de, -1);
    contar(etapa, 1);
    if (tinhaFoco) titulo(carta).focus({ preventScroll: true });
    etapa.scrollIntoView({ block: "nearest", inline: "nearest" });
    // What the server answers may be what it said before: it counts all the same.
    delete quadro().dataset.soSeMudar;
    enviar(carta.dataset.mover, valores, () => {
      if (!lugar.isConnected) return;
      lugar.replaceWith(carta);
      contar(de, 1);
      contar(etapa, -1);
    });
  }

  // One after the other: the second step of a card begins where the first one ended.
  function enviar(url, valores, desfazer) {
    esperando += 1;
    fila = fila.then(async () => {
      let foi = false;
      const anotar = ({ detail }) => {
        if (detail.pathInfo?.requestPath === url) foi = detail.successful;
      };
      document.body.addEventListener("htmx:afterRequest", anotar);
      try {
        await htmx.ajax("POST", url, { target: "#quadro", swap: "outerHTML", values: valores });
      } catch {
        foi = false;
      }
      document.body.removeEventListener("htmx:afterRequest", anotar);
      esperando -= 1;
      if (!foi) desfazer();
    });
  }

  // A card on its way is not taken back by what somebody else did meanwhile.
  document.body.addEventListener("htmx:beforeSwap", (evento) => {
    const { target, requestConfig } = evento.detail;
    if (target.id !== "quadro") return;
    const nossas = requestConfig.verb === "post" ? 1 : 0;
    if (esperando > nossas) evento.detail.shouldSwap = false;
  });

  // Columns of which more was asked for stay as long as they are.
  document.body.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.target?.id !== "quadro" || !quadro()) return;
    for (const etapa of etapas()) {
      const quantas = cartas(etapa).length;
      if (quantas > POR_COLUNA) detail.formData.append("ate", `${etapa.dataset.etapa}:${quantas}`);
    }
  });

  function focar(carta) {
    if (!carta) return;
    titulo(carta).focus({ preventScroll: true });
    carta.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function aoLado(etapa, passo) {
    const todas = etapas();
    return todas[todas.indexOf(etapa) + passo];
  }

  function andar(carta, tecla) {
    const etapa = carta.closest("[data-etapa]");
    const suas = cartas(etapa);
    const lugar = suas.indexOf(carta);
    if (tecla === "ArrowUp" || tecla === "ArrowDown") {
      focar(suas[lugar + (tecla === "ArrowDown" ? 1 : -1)]);
      return;
    }
    const passo = tecla === "ArrowRight" ? 1 : -1;
    let outra = aoLado(etapa, passo);
    while (outra && !cartas(outra).length) outra = aoLado(outra, passo);
    if (!outra) return;
    const dela = cartas(outra);
    focar(dela[Math.min(lugar, dela.length - 1)]);
  }

  const SETAS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];
  document.addEventListener("keydown", (evento) => {
    const carta = evento.target.closest?.("[data-carta]");
    if (!carta || evento.ctrlKey || evento.metaKey || evento.altKey) return;
    // On its "⋯" the focus comes back from the choice of a stage.
    if (![titulo(carta), menuDa(carta)].includes(evento.target)) return;
    if (evento.shiftKey && (evento.key === "ArrowLeft" || evento.key === "ArrowRight")) {
      evento.preventDefault();
      mover(carta, aoLado(carta.closest("[data-etapa]"), evento.key === "ArrowRight" ? 1 : -1));
    } else if (!evento.shiftKey && SETAS.includes(evento.key)) {
      evento.preventDefault();
      andar(carta, evento.key);
    } else if (evento.key.toLowerCase() === "m") {
      evento.preventDefault();
      menuDa(carta)?.click();
    }
  });

  document.addEventListener("soltar", (evento) => {
    const { alvo } = evento.detail;
    const carta = evento.target;
    if (alvo?.dataset.etapa) mover(carta, alvo);
    else if (alvo?.dataset.destino) {
      const pergunta = carta.dataset[alvo.dataset.destino];
      htmx.ajax("GET", pergunta, { target: "#modal", swap: "innerHTML" }).catch(() => {});
    }
  });
})();
