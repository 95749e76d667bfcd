// The browsable API: Swagger UI on our own OpenAPI document, with the session's token for CSRF.
(() => {
  const pagina = document.getElementById("documentacao");
  const escuro = matchMedia("(prefers-color-scheme: dark)");
  const raiz = document.documentElement;
  const deEscuro = () => (raiz.dataset.tema === "sistema" ? escuro.matches : raiz.dataset.tema === "escuro");
  const vestir = () => raiz.classList.toggle("dark-mode", deEscuro());
  escuro.addEventListener("change", vestir);
  vestir();
  SwaggerUIBundle({
    url: pagina.dataset.esquema,
    domNode: pagina,
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    persistAuthorization: false,
    validatorUrl: null,
    requestInterceptor: (pedido) => {
      if (pedido.method && pedido.method !== "GET") pedido.headers["X-CSRFToken"] = pagina.dataset.csrf;
      return pedido;
    },
  });
})();
