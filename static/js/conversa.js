// The inbox: which row is open, where the thread stands, one separator per day.
(() => {
  const PERTO_PX = 120;

  const rolagem = () => document.getElementById("rolagem");
  const noFim = (caixa) => caixa.scrollHeight - caixa.scrollTop - caixa.clientHeight < PERTO_PX;

  function descer(caixa) {
    caixa.scrollTop = caixa.scrollHeight;
    caixa.dataset.novas = "";
  }

  // The list is fetched again with as many rows as it shows, and with the open one marked.
  function marcarAberta() {
    const aberta = document.getElementById("conversa")?.dataset.id ?? "";
    const linhas = document.querySelectorAll("[data-linha-conversa]");
    for (const linha of linhas) {
      if (linha.dataset.linhaConversa === aberta) linha.setAttribute("aria-current", "true");
      else linha.removeAttribute("aria-current");
    }
    document.getElementById("quantas").value = linhas.length;
    document.getElementById("aberta").value = aberta;
  }

  // Older pages come with their own day titles: only the first of each day stays.
  function unirDias(caixa) {
    let anterior = "";
    for (const dia of caixa.querySelectorAll("[data-dia]")) {
      dia.hidden = dia.dataset.dia === anterior;
      anterior = dia.dataset.dia;
    }
  }

  let antes = null;
  let descerDepois = false;
  document.body.addEventListener("htmx:beforeSwap", (evento) => {
    const caixa = evento.detail.target.closest?.("#rolagem");
    if (!caixa) return;
    if (!evento.detail.shouldSwap) return nadaNovo(caixa);
    antes = {
      noFim: noFim(caixa),
      acima: evento.detail.target.matches("[data-anteriores]"),
      altura: caixa.scrollHeight,
      topo: caixa.scrollTop,
      // The menu of reactions somebody is choosing from.
      menu: caixa.querySelector("details[open]")?.closest("[data-mensagem]")?.id,
    };
  });

  // What was just sent came before the answer to it: the next thing to come is another's.
  function nadaNovo(caixa) {
    if (descerDepois) descer(caixa);
    descerDepois = false;
  }

  // Right after the swap, before anything is painted or scrolled by hand.
  document.body.addEventListener("htmx:afterSwap", (evento) => {
    marcarAberta();
    const caixa = rolagem();
    if (!caixa) return;
    unirDias(caixa);
    if (!caixa.dataset.pronta) return preparar(caixa);
    if (!antes || !caixa.contains(evento.detail.elt)) return;
    const situacao = antes;
    antes = null;
    document.getElementById(situacao.menu)?.querySelector("details")?.setAttribute("open", "");
    if (situacao.acima) caixa.scrollTop = situacao.topo + caixa.scrollHeight - situacao.altura;
    else if (situacao.noFim || descerDepois) descer(caixa);
    else if (caixa.scrollHeight > situacao.altura) caixa.dataset.novas = "sim";
    descerDepois = false;
  });

  // Whoever saw the end still does when the panel, the files or the quick replies take room from it.
  let viaFim = false;
  const tamanho = new ResizeObserver(([{ target }]) => {
    if (viaFim && target === rolagem()) descer(target);
  });

  function preparar(caixa) {
    caixa.dataset.pronta = "sim";
    unirDias(caixa);
    // Opened at a message that was looked for, else at what is new, else at the end.
    const alvo = document.getElementById(document.getElementById("conversa").dataset.ver) ?? caixa.querySelector(".novas");
    if (alvo) alvo.scrollIntoView({ block: "center" });
    else descer(caixa);
    viaFim = noFim(caixa);
    caixa.addEventListener("scroll", () => {
      viaFim = noFim(caixa);
      if (viaFim) caixa.dataset.novas = "";
    });
    tamanho.disconnect();
    tamanho.observe(caixa);
    if (aoClicar) document.getElementById("compositor-texto")?.focus({ preventScroll: true });
    aoClicar = false;
  }

  // A click with the mouse means to write; the keyboard stays in the list, to go on with it.
  let aoClicar = false;
  document.addEventListener("click", ({ target, detail }) => {
    if (target.closest?.("[data-linha-conversa]")) aoClicar = detail > 0 && matchMedia("(pointer: fine)").matches;
  });

  document.addEventListener("click", (evento) => {
    if (evento.target.closest("[data-descer]")) descer(rolagem());
  });
  // A message just sent brings the thread down, wherever it stood.
  document.body.addEventListener("mensagem-enviada", () => {
    descerDepois = true;
  });

  marcarAberta();
  if (rolagem()) preparar(rolagem());
})();
