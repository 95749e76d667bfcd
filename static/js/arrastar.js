// Dragging with mouse, pen or finger. [data-carta][data-mover] are what is dragged, [data-etapa] and
// [data-destino] where it may be dropped. While a card is carried the body bears data-arrastando; at the
// end, carried or not, it gets a "soltar" event that says where.
(() => {
  const LIMIAR_PX = 6;
  const SEGURAR_MS = 280;
  const BORDA_PX = 56;
  const PASSO_PX = 14;
  let gesto = null;

  document.addEventListener("pointerdown", (evento) => {
    const carta = evento.target.closest?.("[data-carta][data-mover]");
    if (gesto || !carta || evento.button !== 0 || evento.target.closest("button")) return;
    gesto = { carta, x: evento.clientX, y: evento.clientY, id: evento.pointerId, dedo: evento.pointerType === "touch" };
    // A finger that moves at once scrolls; one that rests takes the card.
    if (gesto.dedo) gesto.espera = setTimeout(pegar, SEGURAR_MS);
  });

  function pegar() {
    const { carta } = gesto;
    const caixa = carta.getBoundingClientRect();
    const fantasma = carta.cloneNode(true);
    for (const item of [fantasma, ...fantasma.querySelectorAll("[id]")]) item.removeAttribute("id");
    fantasma.setAttribute("aria-hidden", "true");
    fantasma.inert = true;
    fantasma.classList.add("carta-fantasma");
    fantasma.style.width = `${caixa.width}px`;
    document.body.append(fantasma);
    Object.assign(gesto, { fantasma, dx: gesto.x - caixa.left, dy: gesto.y - caixa.top });
    carta.classList.add("carta-levada");
    document.body.dataset.arrastando = "";
    const destinos = document.getElementById("destinos");
    if (destinos) destinos.hidden = false;
    levar(gesto.x, gesto.y);
    requestAnimationFrame(rolar);
  }

  function levar(x, y) {
    Object.assign(gesto, { x, y });
    gesto.fantasma.style.transform = `translate(${x - gesto.dx}px, ${y - gesto.dy}px) rotate(1.5deg)`;
    const alvo = document.elementFromPoint(x, y)?.closest("[data-etapa], [data-destino]");
    if (alvo === gesto.alvo) return;
    delete gesto.alvo?.dataset.alvo;
    if (alvo) alvo.dataset.alvo = "";
    gesto.alvo = alvo;
  }

  // Near an edge the board, or the column under the card, goes on by itself.
  function rolar() {
    if (!gesto?.fantasma) return;
    const quadro = document.getElementById("quadro");
    const lista = gesto.alvo?.querySelector?.("[data-cartas]");
    for (const [caixa, ponto, inicio, fim, eixo] of [
      [quadro, gesto.x, "left", "right", "scrollLeft"],
      [lista, gesto.y, "top", "bottom", "scrollTop"],
    ]) {
      if (!caixa) continue;
      const lugar = caixa.getBoundingClientRect();
      if (ponto < lugar[inicio] + BORDA_PX) caixa[eixo] -= PASSO_PX;
      if (ponto > lugar[fim] - BORDA_PX) caixa[eixo] += PASSO_PX;
    }
    // What lies under a card held still changes as the board goes by.
    levar(gesto.x, gesto.y);
    requestAnimationFrame(rolar);
  }

  function largar(soltou) {
    if (!gesto) return;
    const { carta, fantasma, alvo, espera } = gesto;
    clearTimeout(espera);
    gesto = null;
    if (fantasma) pousar(carta, fantasma, alvo);
    carta.dispatchEvent(new CustomEvent("soltar", { bubbles: true, detail: { alvo: soltou ? alvo : null } }));
  }

  function pousar(carta, fantasma, alvo) {
    fantasma.remove();
    carta.classList.remove("carta-levada");
    delete alvo?.dataset.alvo;
    delete document.body.dataset.arrastando;
    const destinos = document.getElementById("destinos");
    if (destinos) destinos.hidden = true;
    addEventListener("click", engolir, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", engolir, { capture: true }), 0);
  }

  // The click that ends a drag opens nothing.
  function engolir(evento) {
    evento.preventDefault();
    evento.stopPropagation();
  }

  document.addEventListener("pointermove", (evento) => {
    if (!gesto || evento.pointerId !== gesto.id) return;
    if (gesto.fantasma) {
      levar(evento.clientX, evento.clientY);
      return;
    }
    if (Math.hypot(evento.clientX - gesto.x, evento.clientY - gesto.y) < LIMIAR_PX) return;
    if (gesto.dedo) largar(false);
    else pegar();
  });
  document.addEventListener("pointerup", (evento) => {
    if (gesto?.id === evento.pointerId) largar(true);
  });
  document.addEventListener("pointercancel", () => largar(false));
  document.addEventListener("keydown", (evento) => {
    if (evento.key === "Escape" && gesto?.fantasma) largar(false);
  });
  document.addEventListener("touchmove", (evento) => gesto?.fantasma && evento.preventDefault(), { passive: false });
  document.addEventListener("contextmenu", (evento) => gesto?.fantasma && evento.preventDefault());
})();
