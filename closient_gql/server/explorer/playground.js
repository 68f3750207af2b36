// The page at {mount}/docs: Swagger UI for one API, with the key of the bar in every request.
import { key } from "./bar.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", paint);
paint();

window.SwaggerUIBundle({
  dom_id: "#playground",
  url: document.querySelector("#playground").dataset.openapi,
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null, // it would send the document to a server elsewhere
  requestInterceptor(request) {
    request.headers ??= {};
    if (key()) request.headers["X-API-Key"] ??= key();
    return request;
  },
});
