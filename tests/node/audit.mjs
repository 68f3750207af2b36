// node audit.mjs URL KEY   graphql-http's audit of a GraphQL server over HTTP, as JSON: [{id, name, status, reason}]
import { serverAudits } from "graphql-http";

const [, , url, key] = process.argv;
const fetchFn = (address, init = {}) => {
  const headers = new Headers(init.headers);
  headers.set("X-API-Key", key);
  return fetch(address, { ...init, headers });
};
const results = [];
for (const audit of serverAudits({ url, fetchFn })) {
  const { status, reason } = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status, reason });
}
console.log(JSON.stringify(results));
