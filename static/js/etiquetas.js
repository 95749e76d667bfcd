// [data-etiquetas]: a text of words between commas, written as labels that can be taken away.
// The input keeps its value, so that the form sends it; without this file it is just that input.
(() => {
  function armar(caixa) {
    if (caixa.dataset.etiquetas === "armada") return;
    caixa.dataset.etiquetas = "armada";
    const campo = caixa.querySelector("input");
    const lista = document.createElement("ul");
    const escrita = document.createElement("input");
    lista.className = "etiquetas";
    escrita.type = "text";
    escrita.maxLength = 50;
    escrita.id = `${campo.id}_escrita`;
    escrita.setAttribute("list", caixa.querySelector("datalist")?.id ?? "");
    escrita.setAttribute("aria-describedby", campo.getAttribute("aria-describedby") ?? "");
    caixa.querySelector("label").htmlFor = escrita.id;
    campo.type = "hidden";
    campo.after(escrita);
    campo.parentElement.before(lista);

    const palavras = () => campo.value.split(",").map((p) => p.trim()).filter(Boolean);

    function guardar(novas) {
      const vistas = new Map(novas.map((p) => [p.toLocaleLowerCase(), p]));
      campo.value = [...vistas.values()].join(", ");
      desenhar();
      campo.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function desenhar() {
      lista.replaceChildren(
        ...palavras().map((palavra, n) => {
          const item = document.createElement("li");
          const texto = document.createElement("bdi");
          const tirar = document.createElement("button");
          item.className = "etiqueta";
          texto.textContent = palavra;
          tirar.type = "button";
          tirar.textContent = "×";
          tirar.setAttribute("aria-label", `${caixa.dataset.etiquetasTirar} ${palavra}`);
          tirar.addEventListener("click", () => {
            guardar(palavras().filter((_, outra) => outra !== n));
            escrita.focus();
          });
          item.append(texto, tirar);
          return item;
        }),
      );
    }

    function juntar() {
      if (!escrita.value.trim()) return;
      guardar([...palavras(), ...escrita.value.split(",")].map((p) => p.trim()).filter(Boolean));
      escrita.value = "";
    }

    escrita.addEventListener("keydown", (evento) => {
      if (evento.key === "Enter" || evento.key === ",") {
        if (evento.key === "Enter" && !escrita.value.trim()) return;
        evento.preventDefault();
        juntar();
      } else if (evento.key === "Backspace" && !escrita.value) {
        guardar(palavras().slice(0, -1));
      }
    });
    escrita.addEventListener("change", juntar);
    // Sent before the field lost the focus: what is half written counts.
    campo.form.addEventListener("submit", juntar, { capture: true });
    desenhar();
  }

  const armarTodas = (raiz) => raiz.querySelectorAll("[data-etiquetas]").forEach(armar);
  document.body.addEventListener("htmx:load", ({ detail: { elt } }) => armarTodas(elt));
  armarTodas(document);
})();
