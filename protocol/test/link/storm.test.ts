import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { acceptLink, openLink, type AcceptedLink, type Link, type LinkState } from '../../src/index.ts'
import { createFakeClock } from '../../testing/fakeClock.ts'
import { createSeededRandom, createStormyNetwork } from '../../testing/stormyNetwork.ts'

const noted = z.object({ kind: z.literal('noted'), connection: z.int(), n: z.int() })
const message = z.discriminatedUnion('kind', [noted])
type Message = z.infer<typeof message>

/** Seeds that once failed stay in this list. */
const SEEDS = [
  1,
  2,
  3,
  7,
  42,
  1_001,
  20_260_105,
  ...(process.env['LINK_SEED'] ? [Number(process.env['LINK_SEED'])] : []),
]

describe('a link in a storm of cuts and late deliveries', () => {
  it.each(SEEDS)(
    '[L1][L4][L5] a link in a storm delivers in order on each connection and is open at the end (seed %i)',
    async (seed) => {
      const random = createSeededRandom(seed)
      const clock = createFakeClock()
      let connections = 0
      const ready = new Set<number>()
      const ended = new Set<number>()
      const received = new Map<number, number[]>()
      let newest: AcceptedLink<Message> | undefined
      const network = createStormyNetwork({
        clock,
        random,
        accept(socket) {
          connections += 1
          const connection = connections
          const accepted = acceptLink<Message, Message>({
            socket,
            role: 'agent',
            clientId: 'agent-0001',
            hubVersion: '0.1.0',
            clock,
            incoming: message,
            outgoing: message,
            onReady: () => {
              ready.add(connection)
              newest = accepted
            },
            onMessage: ({ n }) => received.set(connection, [...(received.get(connection) ?? []), n]),
            onBinary: () => undefined,
            onClosed: () => {
              expect(ended.has(connection), `seed ${seed}: closed once`).toBe(false)
              ended.add(connection)
            },
          })
          return accepted
        },
      })
      const states: LinkState['at'][] = []
      const strayed: Message[] = []
      const link: Link<Message> = openLink<Message, Message>({
        connect: network.connect,
        hello: { role: 'agent', version: '0.1.0' },
        incoming: message,
        clock,
        random,
        onMessage: (m) => strayed.push(m),
        onState: ({ at }) => states.push(at),
      })

      let n = 0
      for (let turn = 0; turn < 300; turn++) {
        await clock.advance(Math.floor(random() * 500))
        const dice = random()
        if (dice < 0.7) {
          n += 1
          link.send({ kind: 'noted', connection: 0, n })
        } else if (dice < 0.78) network.cutAll()
        else if (dice < 0.84) network.haunt(JSON.stringify({ kind: 'noted', connection: 0, n: -1 }))
        else if (dice < 0.86) network.haunt('broken {')
      }
      network.become('good')
      await clock.advance(60_000)

      expect(link.state().at, `seed ${seed}`).toBe('open')
      expect(strayed, `seed ${seed}: nothing of dead sockets`).toEqual([])
      for (const numbers of received.values()) {
        expect(numbers, `seed ${seed}`).toEqual([...numbers].sort((a, b) => a - b))
        expect(new Set(numbers).size).toBe(numbers.length)
      }
      const all = [...received.values()].flat()
      expect(new Set(all).size, `seed ${seed}: nothing twice`).toBe(all.length)
      expect(ready.size).toBeGreaterThan(1)

      const countBefore = all.length
      expect(link.send({ kind: 'noted', connection: 0, n: n + 1 })).toBe(true)
      await clock.advance(1_000)
      expect([...received.values()].flat().length).toBe(countBefore + 1)
      newest?.send({ kind: 'noted', connection: 0, n: 5 })
      await clock.advance(1_000)
      expect(strayed).toHaveLength(1)

      link.stop()
      await clock.advance(60_000)
      expect(link.state().at).toBe('stopped')
      expect(clock.pending, `seed ${seed}: no timer is left`).toBe(0)
    },
  )
})
