// The sidebar as a drawer on narrow screens.
(() => {
  const lateral = document.getElementById("lateral");
  const principal = document.getElementById("principal");
  const abridor = document.querySelector("[data-menu-abrir]");
  const estreita = matchMedia("(width <= 900px)");

  function mudar(aberto) {
    document.body.classList.toggle("menu-aberto", aberto);
    abridor.setAttribute("aria-expanded", String(aberto));
    principal.inert = aberto;
    if (aberto) {
      lateral.querySelector(".lateral-fechar").focus();
    } else if (lateral.contains(document.activeElement)) {
      abridor.focus();
    }
  }

  // On a low screen the list scrolls: where one is should be in sight.
  lateral.querySelector(".lateral-itens [aria-current]")?.scrollIntoView({ block: "nearest" });

  const aberto = () => document.body.classList.contains("menu-aberto");

  abridor.addEventListener("click", () => mudar(true));
  document.addEventListener("click", (evento) => {
    if (evento.target.closest("[data-menu-fechar]")) mudar(false);
  });
  document.addEventListener("keydown", (evento) => {
    if (evento.key === "Escape" && aberto()) mudar(false);
  });
  estreita.addEventListener("change", () => {
    if (aberto()) mudar(false);
  });
})();
