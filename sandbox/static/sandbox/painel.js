"use strict";

// Without this file every button still works: the page then reloads after each.

const INTERVALO = 1000;
let parado = 0;

async function atualizar() {
  const resposta = await fetch("/", { headers: { Accept: "text/html" } });
  const nova = new DOMParser().parseFromString(await resposta.text(), "text/html");
  const antes = document.querySelector("[data-conjunto]");
  const depois = nova.querySelector("[data-conjunto]");
  if (antes.dataset.conjunto !== depois.dataset.conjunto) {
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

function lerCampos(regiao) {
  const campos = new Map();
  for (const campo of regiao.querySelectorAll("input[name]:not([type=hidden])")) {
    const tocado = campo.value !== campo.defaultValue || campo.checked;
    if (tocado) campos.set(campo.name, [campo.value, campo.checked]);
  }
  const ativo = regiao.contains(document.activeElement) ? document.activeElement : null;
  return { campos, foco: ativo && ativo.name };
}

function devolverCampos(regiao, { campos, foco }) {
  for (const [nome, [valor, marcado]] of campos) {
    const campo = regiao.querySelector(`input[name="${nome}"]:not([type=hidden])`);
    if (campo) [campo.value, campo.checked] = [valor, marcado];
  }
  if (foco) regiao.querySelector(`[name="${foco}"]`)?.focus();
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
