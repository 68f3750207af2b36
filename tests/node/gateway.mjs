// node gateway.mjs SUPERGRAPH   serves a supergraph by Apollo's gateway; prints the port when it is ready.
// The caller's X-API-Key goes to every subgraph.
import fs from "node:fs";
import http from "node:http";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { print } from "graphql";
import { createHandler } from "graphql-http/lib/use/http";

class Source extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    if (context?.key) request.http.headers.set("x-api-key", context.key);
  }
}

const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
const gateway = new ApolloGateway({
  supergraphSdl: fs.readFileSync(process.argv[2], "utf8"),
  buildService: ({ url }) => new Source({ url }),
  logger: quiet,
});
const { schema, executor } = await gateway.load({});
const handler = createHandler({
  schema,
  context: request => ({ key: request.raw.headers["x-api-key"] }),
  execute: ({ document, variableValues, operationName, contextValue }) => {
    const query = print(document);
    return executor({
      schema, document, operationName, queryHash: query, source: query, context: contextValue, metrics: {}, logger: quiet,
      request: { query, operationName, variables: variableValues ?? {} },
    });
  },
});
const server = http.createServer(handler).listen(0, "127.0.0.1", () => console.log(server.address().port));
