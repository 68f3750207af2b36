// The page at /graphql: GraphiQL with the field explorer, example queries and the key of the bar.
import { key, onKey } from "./bar.js";

const { React, ReactDOM, GraphiQL, GraphiQLPluginExplorer } = window;
const TABS = "graphiql:tabState"; // where GraphiQL remembers them
const RESTORE = "restore examples";

// Forgotten when the page begins anew: until it ends, GraphiQL may still write down the tabs of before.
if (sessionStorage.getItem(RESTORE)) {
  sessionStorage.removeItem(RESTORE);
  localStorage.removeItem(TABS);
}

// GraphiQL's dialogs add a style element; the policy lets only those with this page's nonce pass.
window.__webpack_nonce__ = document.querySelector("link[nonce]").nonce;

/** Asks this server only; a key in the headers pane wins over that of the bar. */
function fetcher() {
  return GraphiQL.createFetcher({
    url: "/graphql",
    fetch(url, options) {
      const headers = new Headers(options.headers);
      if (key() && !headers.has("X-API-Key")) headers.set("X-API-Key", key());
      return fetch(url, { ...options, headers });
    },
  });
}

/** The example queries, one tab each. */
async function examples() {
  const text = await (await fetch("/static/own/examples.graphql")).text();
  return text.split(/^# ---\n/m).map((query) => ({ query: query.trimEnd() + "\n" }));
}

const plugins = [GraphiQLPluginExplorer.explorerPlugin({ showAttribution: false })];
const defaultTabs = await examples();
const root = ReactDOM.createRoot(document.querySelector("#explorer"));

// A new fetcher makes GraphiQL read the schema again: another key may see another graph.
const render = () =>
  root.render(
    React.createElement(GraphiQL, {
      fetcher: fetcher(),
      plugins,
      defaultTabs,
      defaultEditorToolsVisibility: false,
      inputValueDeprecation: true,
      schemaDescription: true,
    }),
  );

onKey(render);
document.querySelector("#restore").addEventListener("click", () => {
  sessionStorage.setItem(RESTORE, "yes");
  location.reload();
});
render();
