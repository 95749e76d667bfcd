// A picture opens large over the page; without this script its link opens it in a new tab.
(() => {
  const visor = document.getElementById("visor");
  const imagem = visor.querySelector("[data-visor-imagem]");
  const baixar = visor.querySelector("[data-visor-baixar]");

  document.addEventListener("click", (evento) => {
    const link = evento.target.closest?.("[data-ver-midia]");
    if (!link || evento.ctrlKey || evento.metaKey || evento.shiftKey) return;
    evento.preventDefault();
    imagem.src = link.href;
    imagem.alt = link.querySelector("img").alt;
    baixar.href = `${link.href}?baixar=1`;
    visor.showModal();
  });

  visor.addEventListener("click", ({ target }) => {
    if (target === visor || target.closest("[data-visor-fechar]")) visor.close();
  });
  visor.addEventListener("close", () => imagem.removeAttribute("src"));
})();
