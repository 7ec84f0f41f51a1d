"use strict";

// A relative address, so that the page also works where the service is mounted under a path.
window.addEventListener("load", () => {
  // Swagger UI looks at this class alone and not at the scheme that the reader prefers.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const { theme } = document.documentElement.dataset;
  const follow = () => {
    document.documentElement.classList.toggle("dark-mode", theme === "system" ? dark.matches : theme === "dark");
  };
  dark.addEventListener("change", follow);
  follow();
  SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    // the badge of the validator would be loaded from elsewhere
    validatorUrl: null,
  });
});
