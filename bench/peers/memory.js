// The shop in memory, in Node: node memory.js mercurius|yoga PORT ROWS. ROWS is what shop.py wrote.
'use strict'
const fs = require('node:fs')
const DataLoader = require('dataloader')
const { GraphQLScalarType } = require('graphql')

const [, , kind, port, file] = process.argv
const rows = JSON.parse(fs.readFileSync(file))
for (const product of rows.products) {
  product.createdAt = new Date(product.createdAt)
  product.updatedAt = new Date(product.updatedAt)
}
const byId = (list) => new Map(list.map((row) => [row.id, row]))
const [products, brands, locations] = [byId(rows.products), byId(rows.brands), byId(rows.locations)]
const offers = new Map(rows.products.map((product) => [product.id, []]))
for (const offer of rows.offers) offers.get(offer.productId).push(offer)

const loader = (found) => new DataLoader(async (keys) => keys.map((key) => found.get(key)))
const context = () => ({ brand: loader(brands), offers: loader(offers), location: loader(locations) })
const resolvers = {
  DateTime: new GraphQLScalarType({ name: 'DateTime', serialize: (value) => value.toISOString() }),
  Query: { products: (_, { first }) => rows.products.slice(0, first), product: (_, { id }) => products.get(id) },
  Product: {
    brand: (product, _, loaders) => loaders.brand.load(product.brandId),
    offers: (product, _, loaders) => loaders.offers.load(product.id)
  },
  Offer: { location: (offer, _, loaders) => loaders.location.load(offer.locationId) }
}

async function main () {
  if (kind === 'mercurius') {
    const app = require('fastify')()
    app.register(require('mercurius'), { schema: rows.sdl, resolvers, jit: 1, context })
    await app.listen({ port: +port, host: '127.0.0.1' })
  } else {
    const { createYoga, createSchema } = require('graphql-yoga')
    const { useGraphQlJit } = require('@envelop/graphql-jit')
    const schema = createSchema({ typeDefs: rows.sdl, resolvers })
    const yoga = createYoga({ schema, context, plugins: [useGraphQlJit()], logging: 'error', graphiql: false })
    require('node:http').createServer(yoga).listen(+port, '127.0.0.1')
  }
}
main()
