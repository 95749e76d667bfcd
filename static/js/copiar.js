// data-copiar="id": a click copies the text of that element and says data-copiado.
(() => {
  document.addEventListener("click", async (evento) => {
    const botao = evento.target.closest("[data-copiar]");
    if (!botao) return;
    const fonte = document.getElementById(botao.dataset.copiar);
    try {
      await navigator.clipboard.writeText(fonte.textContent.trim());
    } catch {
      // Without the permission, or without https: selected, one gesture copies it.
      getSelection().selectAllChildren(fonte);
      return;
    }
    if (!document.getElementById("avisos")) {
      botao.textContent = botao.dataset.copiado;
      return;
    }
    htmx.trigger(document.body, "aviso", { texto: botao.dataset.copiado, tom: "ok" });
  });
})();
