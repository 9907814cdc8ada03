// Sandbox NinjaOne: stands in for NinjaOne's public API in demo and tests. Prints one JSON line with its address.
//   node test/sandbox/ninjaone/main.ts --port 0 --data FILE
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { serve, type HttpBindings } from '@hono/node-server'
import { createSandbox } from './app.ts'
import { openStore } from './store.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    data: { type: 'string' },
    'client-id': { type: 'string', default: 'sandbox-client' },
    'client-secret': { type: 'string', default: 'sandbox-secret' },
    'token-seconds': { type: 'string', default: '3600' },
  },
})
const { held, save } = openStore(values.data)
const app = createSandbox({
  held,
  save,
  clientId: values['client-id'],
  clientSecret: values['client-secret'],
  tokenSeconds: Number(values['token-seconds']),
  nowMs: () => Date.now(),
  later: (delayMs, act) => void setTimeout(act, delayMs),
  cut: (c) => (c.env as HttpBindings).incoming.socket.destroy(), // only node-server serves this app
})
const server = serve(
  { fetch: app.fetch, port: Number(values.port), hostname: '127.0.0.1' },
  ({ port }: AddressInfo) => {
    process.stdout.write(`${JSON.stringify({ sandbox: 'ninjaone', url: `http://127.0.0.1:${port}` })}\n`)
  },
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    process.exit(0)
  })
}
