// node compose.mjs   composes divisions of a graph into subgraphs with both composition libraries.
// In: {schemas: {key: SDL}, divisions: [[{name, url, schema: key}]]}
// Out: one object for each division: {apollo: {errors, hints, api, supergraph}, guild: the same}
import fs from "node:fs";
import * as apollo from "@apollo/composition";
import * as guild from "@theguild/federation-composition";
import { buildSchema, lexicographicSortSchema, parse, printSchema } from "graphql";

const { schemas, divisions } = JSON.parse(fs.readFileSync(0, "utf8"));
const parsed = Object.fromEntries(Object.entries(schemas).map(([key, sdl]) => [key, parse(sdl)]));
const shown = schema => printSchema(lexicographicSortSchema(schema));
const first = error => error.message.split("\n")[0];

function byApollo(subgraphs) {
  const { errors, hints, schema, supergraphSdl } = apollo.composeServices(subgraphs);
  if (errors) return { errors: errors.map(error => error.message), hints: [] };
  const api = shown(schema.toAPISchema().toGraphQLJSSchema());
  const told = hints.map(hint => `${hint.definition.code}: ${first(hint)}`);
  return { errors: [], hints: told, api, supergraph: supergraphSdl };
}

function byGuild(subgraphs) {
  const result = guild.composeServices(subgraphs);
  if (guild.compositionHasErrors(result)) return { errors: result.errors.map(error => error.message), hints: [] };
  return { errors: [], hints: [], api: shown(buildSchema(result.publicSdl)), supergraph: result.supergraphSdl };
}

const results = divisions.map(division => {
  const subgraphs = division.map(({ name, url, schema }) => ({ name, url, typeDefs: parsed[schema] }));
  return { apollo: byApollo(subgraphs), guild: byGuild(subgraphs) };
});
console.log(JSON.stringify(results));
