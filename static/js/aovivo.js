// Live updates. The server says only what changed ({"o": "conversa", "id": "…"}); the page re-fetches.
// Browsers open six HTTP/1.1 connections per host, so all tabs of one person share ONE EventSource:
// the tab that holds the Web Lock listens and tells the others through a BroadcastChannel.
(() => {
  const sinal = document.getElementById("ao-vivo");
  if (!sinal) return;
  const SONDAGEM_MS = 5000;
  const nome = `ao-vivo:${sinal.dataset.canal}`;
  const canal = "BroadcastChannel" in self ? new BroadcastChannel(nome) : null;
  let fonte = null;
  let lider = false;
  let espera = 1000;
  let religar = null;
  let soltar = null;

  const recentes = new Map();
  const nomesDe = (item) => item.getAttribute("hx-trigger")?.match(/mudou:[\w:-]+/g) ?? [];
  const vivo = () => sinal.dataset.estado === "vivo";

  function emitir({ o, id }) {
    const nomes = [`mudou:${o}`];
    if (id) nomes.push(`mudou:${o}:${id}`);
    for (const evento of nomes) {
      recentes.set(evento, performance.now());
      htmx.trigger(document.body, evento);
    }
  }

  // A fragment asked for before a notice came may have been read before the change it tells of: it is
  // fetched once more. One asked for after the notice has the change in it.
  const pedidos = new WeakMap();
  document.body.addEventListener("htmx:beforeSend", ({ detail: { xhr } }) => pedidos.set(xhr, performance.now()));
  document.body.addEventListener("htmx:afterSettle", ({ detail: { elt, xhr } }) => {
    const pedido = pedidos.get(xhr) ?? Infinity;
    const novos = [elt, ...elt.querySelectorAll("[hx-trigger*='mudou:']")];
    for (const evento of new Set(novos.flatMap(nomesDe))) {
      if ((recentes.get(evento) ?? -1) >= pedido) htmx.trigger(document.body, evento);
    }
  });

  // After a gap nobody knows what was missed: fetch everything this page shows.
  function emitirTudo() {
    const nomes = new Set();
    for (const item of document.querySelectorAll("[hx-trigger*='mudou:']")) {
      for (const achado of nomesDe(item)) nomes.add(achado);
    }
    for (const evento of nomes) htmx.trigger(document.body, evento);
  }

  function mudarEstado(estado) {
    if (sinal.dataset.estado !== estado) sinal.dataset.estado = estado;
  }

  function contar(recado) {
    canal?.postMessage(recado);
    receber(recado);
  }

  function receber(recado) {
    if (recado.estado) mudarEstado(recado.estado);
    if (recado.lacuna) emitirTudo();
    if (recado.o) emitir(recado);
    if (recado.pergunta && lider) canal?.postMessage({ estado: sinal.dataset.estado });
  }

  function ligar() {
    clearTimeout(religar);
    fonte?.close();
    fonte = new EventSource(sinal.dataset.url);
    fonte.addEventListener("open", () => {
      espera = 1000;
      // Whatever happened before this connection stood (page load, outage, another leader) was not heard.
      contar({ estado: "vivo", lacuna: true });
    });
    fonte.addEventListener("message", (evento) => {
      if (evento.data) contar(JSON.parse(evento.data));
    });
    fonte.addEventListener("error", () => {
      contar({ estado: "caido" });
      // Closed for good (an HTTP error): the browser will not try again, so we do.
      if (fonte?.readyState !== EventSource.CLOSED) return;
      religar = setTimeout(ligar, espera);
      espera = Math.min(espera * 2, 30000);
    });
  }

  function desligar() {
    clearTimeout(religar);
    fonte?.close();
    fonte = null;
  }

  function candidatar() {
    navigator.locks.request(nome, () => {
      lider = true;
      ligar();
      return new Promise((resolver) => {
        soltar = resolver;
      });
    });
  }

  if (canal) canal.addEventListener("message", (evento) => receber(evento.data));
  if (navigator.locks && canal) {
    canal.postMessage({ pergunta: true });
    candidatar();
    addEventListener("pagehide", () => {
      desligar();
      lider = false;
      soltar?.();
    });
    addEventListener("pageshow", (evento) => {
      if (evento.persisted) location.reload();
    });
  } else {
    // Plain http away from localhost has no locks: only the tab in sight holds a connection.
    const conferir = () => (document.hidden ? desligar() : ligar());
    document.addEventListener("visibilitychange", conferir);
    conferir();
  }

  setInterval(() => {
    if (!vivo() && !document.hidden) emitirTudo();
  }, SONDAGEM_MS);
})();
