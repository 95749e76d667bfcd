// Rules for every htmx swap: skip what did not change, wait for who presses, tell who else must fetch, tick countdowns.
(() => {
  const ultimas = new Map();
  // Every answer masks the form token anew: that is no change.
  const semToken = (texto) => texto.replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, "$1");

  // As the browser writes it: what the page came with and what is fetched later compare alike.
  // What an answer brings beside the fragment itself is for other places.
  function ler({ target, xhr }) {
    const molde = document.createElement("template");
    molde.innerHTML = xhr.responseText;
    const item = molde.content.getElementById(target.id);
    return { forma: item && semToken(item.outerHTML), sozinha: molde.content.childElementCount === 1 };
  }
  for (const item of document.querySelectorAll("[data-so-se-mudar][id]")) ultimas.set(item.id, semToken(item.outerHTML));

  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!detail.shouldSwap || !detail.target.matches?.("[data-so-se-mudar]")) return;
    const { forma, sozinha } = ler(detail);
    if (sozinha && ultimas.get(detail.target.id) === forma) detail.shouldSwap = false;
  });

  // A press holds what is under it: replaced before the release, it would not be clicked, and a finger
  // would lose it. What comes by itself meanwhile is left out, and fetched after the click.
  let apertado = null;
  const adiados = new Map();
  document.addEventListener("pointerdown", ({ button, isPrimary, target }) => {
    if (button === 0 && isPrimary) apertado = target;
  });
  const soltar = () => setTimeout(() => {
    apertado = null;
    for (const [elt, { target, requestConfig }] of adiados) {
      if (elt.isConnected) htmx.ajax("GET", requestConfig.path, { source: elt, target }).catch(() => {});
    }
    adiados.clear();
  });
  // A second finger comes and goes without letting go what the first one holds.
  for (const fim of ["pointerup", "pointercancel"]) {
    document.addEventListener(fim, ({ isPrimary }) => isPrimary && soltar());
  }
  // A scroll bar that is let go says nothing.
  document.addEventListener("pointermove", ({ buttons }) => {
    if (apertado && !buttons) soltar();
  });
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { shouldSwap, target, requestConfig } = detail;
    const sozinho = requestConfig.verb === "get" && !requestConfig.triggeringEvent?.isTrusted;
    if (!shouldSwap || !sozinho || !apertado || !target.contains(apertado)) return;
    detail.shouldSwap = false;
    adiados.set(requestConfig.elt, detail);
  });

  // Only what came onto the page counts: a rule after this one may have left an answer out.
  document.body.addEventListener("htmx:afterSwap", ({ target: novo, detail }) => {
    for (const item of [novo, ...novo.querySelectorAll("[data-so-se-mudar]")]) ultimas.delete(item.id);
    if (detail.target?.matches?.("[data-so-se-mudar]")) ultimas.set(detail.target.id, ler(detail).forma);
  });
  document.body.addEventListener("htmx:oobBeforeSwap", (evento) => {
    ultimas.delete(evento.detail.target.id);
  });

  // The server tells apart what a person sees from what a hidden tab keeps up to date.
  document.body.addEventListener("htmx:configRequest", ({ detail }) => {
    detail.headers["X-Pagina-Visivel"] = document.hidden ? "0" : "1";
  });

  // data-depois="event event": what this page should fetch again once the request went well.
  document.body.addEventListener("htmx:afterRequest", (evento) => {
    const { requestConfig, xhr } = evento.detail;
    // A redirect to the log-in is a 200 that did nothing.
    if (xhr.status < 200 || xhr.status > 299 || xhr.getResponseHeader("HX-Redirect")) return;
    for (const nome of requestConfig.elt.dataset.depois?.split(" ") ?? []) htmx.trigger(document.body, nome);
  });

  // <time data-expira-em="ISO">: the time left as mm:ss; when it is over, the nearest [data-prazo]
  // is marked and one "expirou" event tells htmx to fetch again.
  function contar() {
    for (const relogio of document.querySelectorAll("[data-expira-em]")) {
      const restante = Math.max(0, Math.ceil((Date.parse(relogio.dataset.expiraEm) - Date.now()) / 1000));
      const minutos = String(Math.floor(restante / 60)).padStart(2, "0");
      relogio.textContent = `${minutos}:${String(restante % 60).padStart(2, "0")}`;
      const prazo = relogio.closest("[data-prazo]");
      if (!prazo) continue;
      if (restante <= 10) prazo.dataset.prazo = "curto";
      if (restante > 0 || prazo.dataset.prazo === "vencido") continue;
      prazo.dataset.prazo = "vencido";
      htmx.trigger(prazo, "expirou");
    }
  }
  setInterval(contar, 500);
  document.body.addEventListener("htmx:load", contar);
})();
