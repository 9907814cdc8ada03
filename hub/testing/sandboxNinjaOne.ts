import type { AddressInfo } from 'node:net'
import { serve, type HttpBindings } from '@hono/node-server'
import type { FakeClock } from '../../protocol/testing/fakeClock.ts'
import { createSandbox } from '../../test/sandbox/ninjaone/app.ts'
import type { Fault } from '../../test/sandbox/ninjaone/schemas.ts'
import { openStore, type Held, type LogEntry } from '../../test/sandbox/ninjaone/store.ts'

export const SANDBOX_CLIENT = { clientId: 'sandbox-client', clientSecret: 'sandbox-secret' }

export interface Sandbox extends AsyncDisposable {
  readonly url: string
  readonly held: Held
  readonly requests: () => Promise<{ atMs: number; method: string; path: string; status: number }[]>
  /** Makes the next so many of these requests fail. `on`: 'POST /v2/ticketing/ticket', `*` at the end for any tail. */
  fail(on: string, fault: Fault, times?: number): Promise<void>
  /** Signs in as a technician; returns the refresh token that the hub would have stored. */
  signIn(): string
  comments(): { ticketId: string; entry: LogEntry }[]
  /** Returns the number of faults that wait for the clock now. */
  waiting(): number
  /** Resolves once the next fault begins to wait. */
  nextWait(): Promise<void>
}

/** Starts the sandbox NinjaOne on a real socket, with the test's fake clock. */
export async function startSandbox(clock: FakeClock, tokenSeconds = 3_600): Promise<Sandbox> {
  const { held, save } = openStore(undefined)
  let waiting = 0
  let waiters: (() => void)[] = []
  const app = createSandbox({
    ...SANDBOX_CLIENT,
    held,
    save,
    tokenSeconds,
    nowMs: () => clock.nowMs(),
    later(delayMs, act) {
      waiting += 1
      for (const wake of waiters) wake()
      waiters = []
      clock.after(delayMs, () => {
        waiting -= 1
        act()
      })
    },
    cut: (c) => void (c.env as HttpBindings).incoming.socket.destroy(),
  })
  const { server, port } = await new Promise<{ server: ReturnType<typeof serve>; port: number }>(
    (resolve) => {
      const made = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, (info: AddressInfo) =>
        resolve({ server: made, port: info.port }),
      )
    },
  )
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    held,
    requests: async () => (await (await app.request('/sandbox/requests')).json()) as never,
    async fail(on, fault, times = 1) {
      const order = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ on, times, fault }) } // prettier-ignore
      const answer = await app.request('/sandbox/faults', order)
      if (!answer.ok) throw new Error(`the sandbox refuses this fault: ${await answer.text()}`)
    },
    signIn() {
      const token = 'first-refresh-token'
      held.refreshTokens = [token]
      return token
    },
    comments: () =>
      held.tickets.flatMap(({ id, log }) =>
        log.filter(({ type }) => type === 'COMMENT').map((entry) => ({ ticketId: String(id), entry })),
      ),
    waiting: () => waiting,
    nextWait: () => new Promise((resolve) => void waiters.push(resolve)),
    async [Symbol.asyncDispose]() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
