// Ready texts: "/" at the start of the box opens the list, which narrows while one types.
(() => {
  const ESPERA_MS = 150;
  let relogio = null;
  let escolhida = -1;

  const caixa = () => document.querySelector("[data-compositor] textarea");
  const lista = () => document.querySelector("[data-rapidas]");
  const opcoes = () => [...lista().querySelectorAll("[role=option]")];

  function fechar() {
    clearTimeout(relogio);
    if (!lista()) return;
    lista().hidden = true;
    caixa().removeAttribute("aria-activedescendant");
  }

  function marcar(indice) {
    const todas = opcoes();
    if (!todas.length) return;
    escolhida = (indice + todas.length) % todas.length;
    todas.forEach((opcao, n) => opcao.setAttribute("aria-selected", String(n === escolhida)));
    caixa().setAttribute("aria-activedescendant", todas[escolhida].id);
    todas[escolhida].scrollIntoView({ block: "nearest" });
  }

  function usar(opcao) {
    const campo = caixa();
    campo.value = opcao.dataset.texto;
    fechar();
    campo.focus();
    campo.dispatchEvent(new Event("input", { bubbles: true }));
    // The first blank that nobody could fill in is selected, to be typed over.
    const lacuna = campo.value.match(/\{\{[^{}]*\}\}/);
    if (lacuna) campo.setSelectionRange(lacuna.index, lacuna.index + lacuna[0].length);
  }

  async function procurar() {
    const campo = caixa();
    const digitado = campo.value;
    const resposta = await fetch(`${campo.dataset.escolher}?busca=${encodeURIComponent(digitado.slice(1))}`);
    if (!resposta.ok || resposta.redirected || campo.value !== digitado || !lista()) return;
    htmx.swap(lista(), await resposta.text(), { swapStyle: "innerHTML" });
    lista().hidden = false;
    marcar(0);
  }

  document.addEventListener("input", ({ target }) => {
    if (target !== caixa()) return;
    clearTimeout(relogio);
    if (/^\/[^\s/]*$/.test(target.value)) relogio = setTimeout(procurar, ESPERA_MS);
    else fechar();
  });

  // Before the composer's own keys: Enter chooses here and does not send.
  document.addEventListener(
    "keydown",
    (evento) => {
      if (evento.target !== caixa() || !lista() || lista().hidden || evento.isComposing) return;
      const passos = { ArrowDown: 1, ArrowUp: -1 };
      if (evento.key in passos) marcar(escolhida + passos[evento.key]);
      else if (evento.key === "Escape") fechar();
      else if ((evento.key === "Enter" || evento.key === "Tab") && opcoes().length) usar(opcoes()[escolhida]);
      else return;
      evento.preventDefault();
      evento.stopImmediatePropagation();
    },
    true,
  );
  document.addEventListener("pointerdown", (evento) => {
    const opcao = evento.target.closest?.("[data-rapidas] [role=option]");
    if (!opcao) return;
    evento.preventDefault();
    usar(opcao);
  });
})();
