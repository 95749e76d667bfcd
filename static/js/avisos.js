// Toasts, words for failed requests, and what screen readers should hear after a swap.
(() => {
  const caixa = document.getElementById("avisos");
  const molde = document.getElementById("molde-aviso");
  const anuncios = document.getElementById("anuncios");
  const DURACAO_MS = 6000;

  function mostrar(texto, tom = "info", acao = null) {
    if (!texto) return;
    const iguais = [...caixa.querySelectorAll(".torrada-texto")];
    if (iguais.some((item) => item.textContent === texto)) return;
    const torrada = molde.content.firstElementChild.cloneNode(true);
    torrada.dataset.tom = tom;
    torrada.querySelector(".torrada-texto").textContent = texto;
    torrada.querySelector("[data-fechar-aviso]").addEventListener("click", () => torrada.remove());
    if (acao) oferecer(torrada, acao);
    caixa.append(torrada);
    subir();
    // Errors stay until the person has read them.
    if (tom !== "erro") sumirDepois(torrada);
  }

  // A button that posts, once, and shows the answer where the page wants it.
  function oferecer(torrada, { rotulo, url, alvo, valores }) {
    const botao = torrada.querySelector("[data-acao-aviso]");
    botao.textContent = rotulo;
    botao.hidden = false;
    botao.addEventListener("click", () => {
      torrada.remove();
      // What goes wrong is told as for any other request.
      htmx.ajax("POST", url, { target: alvo, swap: "outerHTML", values: valores }).catch(() => {});
    });
  }

  function sumirDepois(torrada) {
    let prazo = setTimeout(() => torrada.remove(), DURACAO_MS);
    const parar = () => clearTimeout(prazo);
    const seguir = () => {
      prazo = setTimeout(() => torrada.remove(), DURACAO_MS / 2);
    };
    torrada.addEventListener("mouseenter", parar);
    torrada.addEventListener("focusin", parar);
    torrada.addEventListener("mouseleave", seguir);
    torrada.addEventListener("focusout", seguir);
  }

  // A popover shown last lies above an open dialog.
  function subir() {
    if (!caixa.showPopover) return;
    if (caixa.matches(":popover-open")) caixa.hidePopover();
    caixa.showPopover();
  }

  function anunciar(raiz) {
    const fonte = raiz?.matches?.("[data-anuncio]") ? raiz : raiz?.querySelector?.("[data-anuncio]");
    const texto = fonte?.textContent.trim();
    if (texto && anuncios.textContent !== texto) anuncios.textContent = texto;
  }

  function textoDoErro(status) {
    return caixa.getAttribute(`data-texto-${status}`) || caixa.dataset.textoErro;
  }

  // What a newer request or another page cuts short on purpose is no error, though htmx reports it as
  // one unless there is another word for it. What fails by itself never comes as an abort.
  document.body.addEventListener("htmx:beforeSend", ({ detail }) => {
    const { xhr } = detail;
    const cortar = xhr.onabort;
    xhr.onabort = () => {
      detail.error = "";
      cortar();
    };
  });

  // A background refresh says nothing: the live indicator already does.
  const silencioso = (evento) => evento.detail.requestConfig.elt.matches("[data-silencioso]");

  document.body.addEventListener("aviso", (evento) => {
    mostrar(evento.detail.texto, evento.detail.tom, evento.detail.acao);
  });
  document.body.addEventListener("htmx:responseError", (evento) => {
    const xhr = evento.detail.xhr;
    const jaAvisou = (xhr.getResponseHeader("HX-Trigger") || "").includes('"aviso"');
    if (!jaAvisou && !silencioso(evento)) mostrar(textoDoErro(xhr.status), "erro");
  });
  document.body.addEventListener("htmx:sendError", (evento) => {
    if (!silencioso(evento)) mostrar(caixa.dataset.textoRede, "erro");
  });
  document.body.addEventListener("htmx:timeout", (evento) => {
    if (!silencioso(evento)) mostrar(caixa.dataset.textoDemora, "erro");
  });
  document.body.addEventListener("htmx:load", (evento) => anunciar(evento.detail.elt));

  for (const inicial of caixa.querySelectorAll("[data-aviso-inicial]")) {
    mostrar(inicial.textContent, inicial.dataset.tom, JSON.parse(inicial.dataset.acao || "null"));
    inicial.remove();
  }
})();
