// The browsable API: Swagger UI on our own OpenAPI document, with the session's token for CSRF.
(() => {
  const pagina = document.getElementById("documentacao");
  const escuro = matchMedia("(prefers-color-scheme: dark)");
  const vestir = () => document.documentElement.classList.toggle("dark-mode", escuro.matches);
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
