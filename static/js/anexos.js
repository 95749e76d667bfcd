// Files for a message: chosen, dropped or pasted; listed, taken out, and kept when the answer is refused.
(() => {
  // Files on their way, by conversation: the form is swapped, they must outlive it.
  const escolhidos = new Map();
  const formularioAtual = () => document.querySelector("[data-compositor]");
  const campoDe = (formulario) => formulario.querySelector("[data-anexar]");
  const doFormulario = (formulario) => escolhidos.get(formulario.dataset.conversa) ?? [];

  function tamanhoLegivel(bytes) {
    const mega = bytes / 1048576;
    const [valor, unit] = mega >= 0.1 ? [mega, "megabyte"] : [Math.ceil(bytes / 1024), "kilobyte"];
    const opcoes = { style: "unit", unit, maximumFractionDigits: 1 };
    return new Intl.NumberFormat(document.documentElement.lang, opcoes).format(valor);
  }

  function desenhar(formulario) {
    const arquivos = doFormulario(formulario);
    const caixa = formulario.querySelector("[data-anexos]");
    const molde = caixa.querySelector("[data-molde-anexo]").content.firstElementChild;
    const linhas = arquivos.map((arquivo) => {
      const linha = molde.cloneNode(true);
      linha.querySelector("[data-anexo-nome]").textContent = arquivo.name;
      linha.querySelector("[data-anexo-tamanho]").textContent = tamanhoLegivel(arquivo.size);
      return linha;
    });
    caixa.querySelector("[data-anexos-lista]").replaceChildren(...linhas);
    caixa.hidden = !arquivos.length;
    const total = arquivos.reduce((soma, { size }) => soma + size, 0);
    const passou = total > Number(campoDe(formulario).dataset.maximo);
    caixa.querySelector("[data-anexos-excesso]").hidden = !passou;
    formulario.dataset.excesso = passou ? "sim" : "";
    legendar(formulario.querySelector("textarea"), arquivos.length > 0);
  }

  function legendar(texto, comArquivos) {
    texto.dataset.semArquivo ??= texto.placeholder;
    texto.placeholder = comArquivos ? texto.dataset.legenda : texto.dataset.semArquivo;
  }

  function trocar(formulario, arquivos) {
    escolhidos.set(formulario.dataset.conversa, arquivos);
    const pacote = new DataTransfer();
    for (const arquivo of arquivos) pacote.items.add(arquivo);
    campoDe(formulario).files = pacote.files;
    desenhar(formulario);
    formulario.dispatchEvent(new CustomEvent("anexos-mudaram", { bubbles: true }));
  }

  function juntar(formulario, novos) {
    if (!formulario || !novos.length || formulario.matches(".htmx-request")) return;
    trocar(formulario, [...doFormulario(formulario), ...novos]);
    formulario.querySelector("textarea").focus();
  }

  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.("[data-anexar]")) return;
    // Leaving the chooser empty-handed empties the field: what was there stays.
    if (target.files.length) juntar(target.form, [...target.files]);
    else trocar(target.form, doFormulario(target.form));
  });

  document.addEventListener("click", ({ target }) => {
    const linha = target.closest?.("[data-anexo-tirar]")?.closest("li");
    if (!linha) return;
    const formulario = linha.closest("[data-compositor]");
    const posicao = [...linha.parentElement.children].indexOf(linha);
    trocar(formulario, doFormulario(formulario).filter((_, n) => n !== posicao));
    formulario.querySelector("textarea").focus();
  });

  document.addEventListener("paste", (evento) => {
    const formulario = evento.target.closest?.("[data-compositor]");
    const arquivos = [...(evento.clipboardData?.files ?? [])];
    // Office programs put a picture of the text beside the text itself.
    if (!formulario || !arquivos.length || evento.clipboardData.types.includes("text/plain")) return;
    evento.preventDefault();
    juntar(formulario, arquivos);
  });

  const traz = (evento) => evento.dataTransfer?.types.includes("Files");
  const alvo = (evento) => evento.target.closest?.("#conversa");
  document.addEventListener("dragover", (evento) => {
    if (!traz(evento)) return;
    // A file dropped beside the thread must not replace the page.
    evento.preventDefault();
    const pode = alvo(evento) && formularioAtual();
    evento.dataTransfer.dropEffect = pode ? "copy" : "none";
    document.getElementById("conversa")?.toggleAttribute("data-soltar", Boolean(pode));
  });
  document.addEventListener("dragleave", (evento) => {
    if (!evento.relatedTarget) document.getElementById("conversa")?.removeAttribute("data-soltar");
  });
  document.addEventListener("drop", (evento) => {
    if (!traz(evento)) return;
    evento.preventDefault();
    document.getElementById("conversa")?.removeAttribute("data-soltar");
    if (alvo(evento)) juntar(formularioAtual(), [...evento.dataTransfer.files]);
  });

  document.body.addEventListener("htmx:beforeRequest", (evento) => {
    if (evento.detail.elt.dataset?.excesso === "sim") evento.preventDefault();
  });

  document.body.addEventListener("htmx:xhr:progress", (evento) => {
    const formulario = evento.target.closest?.("[data-compositor]");
    const { loaded, total, lengthComputable } = evento.detail;
    if (!formulario || !lengthComputable || !doFormulario(formulario).length) return;
    const porcento = Math.floor((100 * loaded) / total);
    const barra = formulario.querySelector("[data-anexos-progresso]");
    barra.hidden = false;
    barra.querySelector("progress").value = porcento;
    barra.querySelector("[data-anexos-porcento]").textContent = `${porcento}%`;
  });

  document.body.addEventListener("htmx:afterRequest", (evento) => {
    const formulario = evento.detail.requestConfig.elt.closest("[data-compositor]");
    if (formulario) formulario.querySelector("[data-anexos-progresso]").hidden = true;
  });
  // Before the new form is on the page, which would take them up again.
  document.body.addEventListener("htmx:beforeOnLoad", ({ detail: { requestConfig, xhr } }) => {
    const formulario = requestConfig.elt.closest("[data-compositor]");
    if (!formulario) return;
    if (xhr.status < 200 || xhr.status > 299 || xhr.getResponseHeader("HX-Redirect")) return;
    escolhidos.delete(formulario.dataset.conversa);
  });

  // A refused answer comes back as a new form, whose file field is empty.
  function repor() {
    const formulario = formularioAtual();
    if (!formulario) return;
    const arquivos = doFormulario(formulario);
    if (arquivos.length !== campoDe(formulario).files.length) trocar(formulario, arquivos);
  }
  document.body.addEventListener("htmx:afterSettle", repor);
  // A page that was reloaded may show files the browser remembered.
  repor();
})();
