// Small conveniences declared in the HTML: Ctrl+K, password eye, fields filled by a click.
(() => {
  document.addEventListener("keydown", (evento) => {
    const atalho = (evento.ctrlKey || evento.metaKey) && !evento.shiftKey && !evento.altKey;
    if (!atalho || evento.key.toLowerCase() !== "k") return;
    const busca = document.querySelector("[data-busca]");
    if (!busca) return;
    evento.preventDefault();
    busca.focus();
    busca.select();
  });

  document.addEventListener("click", (evento) => {
    const olho = evento.target.closest("[data-revelar]");
    if (olho) revelar(olho);
    const modelo = evento.target.closest("[data-preencher]");
    if (modelo) preencher(modelo);
    const resposta = evento.target.closest("[data-preencher-campo]");
    if (resposta) preencherUm(resposta);
    const recarregar = evento.target.closest("[data-recarregar]");
    if (recarregar) location.reload();
  });

  // Drafts belong to the person who wrote them, not to whoever logs in next. Whoever was thrown out in
  // the middle of something comes back to it, and finds it.
  if (document.querySelector("[data-limpar-rascunhos]")) sessionStorage.clear();

  function revelar(olho) {
    const campo = document.getElementById(olho.dataset.revelar);
    const visivel = campo.type === "text";
    campo.type = visivel ? "password" : "text";
    olho.setAttribute("aria-pressed", String(!visivel));
  }

  // data-preencher-campo="id" on a button writes the button's value into that field.
  function preencherUm(resposta) {
    const campo = document.getElementById(resposta.dataset.preencherCampo);
    campo.value = resposta.value;
    campo.focus();
  }

  // data-preencher='{"field name": "value"}' on a button fills the nearest form named by data-formulario.
  function preencher(modelo) {
    const formulario = document.getElementById(modelo.dataset.formulario);
    for (const [nome, valor] of Object.entries(JSON.parse(modelo.dataset.preencher))) {
      const campo = formulario.elements.namedItem(nome);
      if (campo) campo.value = valor;
    }
    formulario.querySelector('[type="submit"]').focus();
  }
})();
