// node suite.mjs PRODUCTS ROUTER REFERENCE   the test files of Apollo's subgraph suite, without Docker, Rover and Jest.
// Out: [{name, error}]. PRODUCTS: the subgraph. ROUTER: the gateway. REFERENCE: the schema that it should have.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { expect } from "expect";

const [, , products, router, reference] = process.argv;
process.env.PRODUCTS_URL = products;
const require = createRequire(import.meta.url);
const folder = path.join(path.dirname(require.resolve("@apollo/federation-subgraph-compatibility-tests/package.json")), "dist");

// the suite reads its reference schema from where its own build puts it, which is not in the package
const cjs = require("fs"), read = cjs.readFileSync;
cjs.readFileSync = (file, ...rest) => read(path.basename(String(file)) === "products.graphql" ? reference : file, ...rest);
require(path.join(folder, "utils/client.js")).ROUTER_URL = router; // a constant in the suite

const checks = [], groups = [];
const test = (name, run) => checks.push({ name: [...groups, name].join(" › "), run });
const describe = (name, body) => { groups.push(name); body(); groups.pop(); };
Object.assign(globalThis, { test, it: test, describe, expect });

for (const file of fs.readdirSync(path.join(folder, "tests")).filter(file => file.endsWith(".test.js")).sort()) {
  require(path.join(folder, "tests", file));
}
const results = [];
for (const { name, run } of checks) {
  const error = await run().then(() => null, error => String(error.message));
  results.push({ name, error });
}
console.log(JSON.stringify(results));
