// A whole Bluesky network in one process: directory, server of accounts (PDS), AppView. Prints a line of JSON when it is up, and
// after each line on its standard input another one, when everything that was written has reached the AppView.
// PostgreSQL and Redis are named by DB_POSTGRES_URL and REDIS_HOST; the state is in these two and in TMPDIR.
import net from 'node:net'
import readline from 'node:readline'

// The servers name no host to listen on, which would be every network of the machine.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...more) {
  const asked = typeof first === 'object' && first !== null ? first : { port: first ?? 0 }
  return listen.call(this, { host: '127.0.0.1', ...asked }, ...more.filter((value) => typeof value === 'function'))
}

const { TestNetwork } = await import('@atproto/dev-env')
const { mockMailer } = await import(new URL('./node_modules/@atproto/dev-env/dist/util.js', import.meta.url))
const network = await TestNetwork.create({
  dbPostgresSchema: 'bsky',
  pds: { hostname: 'localhost', enableDidDocWithSession: true },
})
mockMailer(network.pds)
process.on('SIGTERM', async () => {
  await network.close()
  process.exit(0)
})
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
say({ port: network.pds.port })
for await (const _ of readline.createInterface({ input: process.stdin })) {
  await network.processAll(60_000)
  say({ settled: true })
}
