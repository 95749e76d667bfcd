"use strict";

// Without this file every button still works: the page then reloads after each.

const INTERVALO = 1000;
let parado = 0;

async function atualizar() {
  const resposta = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
  const nova = new DOMParser().parseFromString(await resposta.text(), "text/html");
  const antes = document.querySelector("[data-conjunto]");
  const depois = nova.querySelector("[data-conjunto]");
  if (antes && antes.dataset.conjunto !== depois.dataset.conjunto) {
    trocar(antes, depois);
  }
  for (const regiao of document.querySelectorAll("[data-vivo]")) {
    const outra = nova.querySelector(`[data-vivo="${CSS.escape(regiao.dataset.vivo)}"]`);
    if (outra) trocar(regiao, outra);
  }
}

// What the server last sent is kept, so that a field being typed in survives.
const recebido = new WeakMap();

function trocar(regiao, outra) {
  const html = outra.outerHTML;
  if ((recebido.get(regiao) ?? regiao.outerHTML) === html) return;
  const escrito = lerCampos(regiao);
  const noFim = regiao.scrollHeight - regiao.scrollTop - regiao.clientHeight < 40;
  const rolagem = regiao.scrollTop;
  const adotada = document.adoptNode(outra);
  regiao.replaceWith(adotada);
  recebido.set(adotada, html);
  devolverCampos(adotada, escrito);
  adotada.scrollTop = "fio" in adotada.dataset && noFim ? adotada.scrollHeight : rolagem;
}

// A field is known by its form and its name: many forms have one called "texto". Boxes
// of one question share even that.
const CAMPOS = "input[name]:not([type=hidden]), select[name]";
const chave = (campo) => {
  const caixa = campo.type === "checkbox" ? campo.value : "";
  return `${campo.form?.getAttribute("action")} ${campo.name} ${caixa}`;
};

function tocado(campo) {
  if (campo.tagName === "SELECT") return campo.selectedIndex > 0;
  return campo.value !== campo.defaultValue || campo.checked !== campo.defaultChecked;
}

function lerCampos(regiao) {
  const campos = new Map();
  for (const campo of regiao.querySelectorAll(CAMPOS)) {
    if (tocado(campo)) campos.set(chave(campo), [campo.value, campo.checked]);
  }
  const abertos = [...regiao.querySelectorAll("details[open]")].map((d) => d.dataset.chave);
  const ativo = regiao.contains(document.activeElement) ? document.activeElement : null;
  const foco = ativo?.name ? [chave(ativo), ativo.value] : null;
  return { campos, abertos, foco };
}

function devolverCampos(regiao, { campos, abertos, foco }) {
  for (const campo of regiao.querySelectorAll(CAMPOS)) {
    const escrito = campos.get(chave(campo));
    if (escrito) [campo.value, campo.checked] = escrito;
    // An option that is gone leaves a select with nothing chosen.
    if (campo.selectedIndex === -1) campo.selectedIndex = 0;
  }
  for (const detalhe of regiao.querySelectorAll("details[data-chave]")) {
    detalhe.open = abertos.includes(detalhe.dataset.chave);
  }
  if (foco) {
    const iguais = [...regiao.querySelectorAll("[name]")].filter((c) => chave(c) === foco[0]);
    (iguais.find((campo) => campo.value === foco[1]) ?? iguais[0])?.focus();
  }
}

function avisar(texto, ruim) {
  const aviso = document.querySelector("[data-aviso]");
  aviso.textContent = texto;
  aviso.classList.toggle("ruim", ruim);
  aviso.hidden = false;
  clearTimeout(parado);
  parado = setTimeout(() => { aviso.hidden = true; }, 4000);
}

async function executar(formulario, botao) {
  const corpo = new URLSearchParams(new FormData(formulario, botao));
  const endereco = botao?.getAttribute("formaction") ?? formulario.getAttribute("action");
  try {
    const resposta = await fetch(endereco, {
      method: "POST", body: corpo, headers: { Accept: "application/json" },
    });
    const fatos = await resposta.json();
    if (!resposta.ok) return avisar(fatos.erro, true);
    for (const campo of formulario.querySelectorAll("[data-limpa]")) campo.value = "";
    if ("recomeca" in formulario.dataset) formulario.reset();
    await atualizar();
  } catch {
    avisar("O simulador não respondeu.", true);
  }
}

document.addEventListener("submit", (evento) => {
  const formulario = evento.target;
  if (!("acao" in formulario.dataset)) return;
  evento.preventDefault();
  const pergunta = formulario.dataset.confirma;
  if (!pergunta || window.confirm(pergunta)) executar(formulario, evento.submitter);
});

async function girar() {
  const sinal = document.querySelector("[data-ao-vivo]");
  try {
    if (!document.hidden) await atualizar();
    sinal.classList.remove("fora");
    sinal.textContent = "Atualização ao vivo";
  } catch {
    sinal.classList.add("fora");
    sinal.textContent = "Simulador fora do ar";
  }
  setTimeout(girar, INTERVALO);
}

for (const fio of document.querySelectorAll("[data-fio]")) fio.scrollTop = fio.scrollHeight;
setTimeout(girar, INTERVALO);
