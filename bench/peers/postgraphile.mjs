// The shop in PostgreSQL, by PostGraphile 5 as its own documentation sets it up: node postgraphile.mjs PORT. SHOP_URL
// says where it is.
import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: process.env.SHOP_URL, schemas: ['shop'], poolConfig: { max: 8 } })],
  grafserv: { graphiql: false },
  grafast: { explain: false }
}
const server = createServer()
await postgraphile(preset).createServ(grafserv).addTo(server)
server.listen(+process.argv[2], '127.0.0.1')
