// The inbox without a mouse: single keys, never while somebody types. "?" lists them.
(() => {
  const digitando = (alvo) => alvo.closest?.("input, textarea, select, [contenteditable]");

  function andar(passo) {
    const linhas = [...document.querySelectorAll("[data-linha-conversa]")];
    if (!linhas.length) return;
    const foco = linhas.indexOf(document.activeElement);
    const aberta = linhas.findIndex((linha) => linha.hasAttribute("aria-current"));
    const de = foco >= 0 ? foco : aberta;
    const para = linhas[Math.min(Math.max(de + passo, 0), linhas.length - 1)];
    para.focus();
    para.scrollIntoView({ block: "nearest" });
  }

  const TECLAS = {
    j: () => andar(1),
    k: () => andar(-1),
    "/": () => document.querySelector("[data-busca]")?.focus(),
    r: () => document.getElementById("compositor-texto")?.focus(),
    n: () => document.body.dispatchEvent(new CustomEvent("abrir-nota")),
    "?": () => document.getElementById("teclas").showModal(),
  };

  document.addEventListener("keydown", (evento) => {
    // Out of the message box, back to the thread: from there the keys work again.
    if (evento.key === "Escape" && evento.target.id === "compositor-texto" && !evento.defaultPrevented) {
      document.getElementById("rolagem").focus({ preventScroll: true });
      return;
    }
    if (evento.ctrlKey || evento.metaKey || evento.altKey || evento.defaultPrevented) return;
    if (digitando(evento.target) || document.querySelector("dialog[open]")) return;
    const botao = document.querySelector(`[data-tecla="${CSS.escape(evento.key)}"]`);
    const fazer = TECLAS[evento.key] ?? (botao && (() => botao.click()));
    if (!fazer) return;
    evento.preventDefault();
    fazer();
  });
})();
