import { expect, it } from 'vitest'
import { z } from 'zod'
import { PROTOCOL_VERSION, acceptLink } from '../../src/index.ts'
import { createFakeClock } from '../../testing/fakeClock.ts'

it.each(['message', 'binary', 'ready'] as const)(
  '[L11] border: an exception in the handling of a client’s %s closes its link internal and is never thrown on',
  (which) => {
    const closes: unknown[] = []
    const failures: string[] = []
    const failOn = (part: string) => () => {
      if (part === which) throw new RangeError(`${part} failed`)
    }
    const link = acceptLink({
      socket: {
        send: () => undefined,
        close: (code, reason) => closes.push({ code, reason }),
        bufferedBytes: () => 0,
      },
      role: 'agent',
      clientId: 'agent-1',
      hubVersion: 'test',
      clock: createFakeClock(),
      incoming: z.object({ kind: z.literal('word') }),
      outgoing: z.object({ kind: z.literal('word') }),
      onReady: failOn('ready'),
      onMessage: failOn('message'),
      onBinary: failOn('binary'),
      onClosed: ({ code }) => closes.push(code),
      onFailure: ({ message }) => failures.push(message),
    })
    link.received(
      JSON.stringify({ kind: 'hello', protocol: PROTOCOL_VERSION, role: 'agent', version: 'test' }),
    )
    link.received(which === 'binary' ? new Uint8Array(20) : '{"kind":"word"}')
    expect(failures).toEqual([`${which} failed`])
    expect(closes).toEqual([{ code: 1011, reason: 'internal' }, 1011])
  },
)

it.each([
  ['of a wrong shape', { kind: 'word', n: -1 }, 'n: too_small'],
  ['of more bytes than a message may have', { kind: 'word', n: 1, text: 'é'.repeat(200_000) }, 'bytes'],
])('[L12] sets a message %s aside, names it without its text, and goes on', (_, bad, detail) => {
  const sent: string[] = []
  const setAside: unknown[] = []
  const word = z.object({ kind: z.literal('word'), n: z.int().min(0), text: z.string().optional() })
  const link = acceptLink({
    socket: { send: (data) => sent.push(String(data)), close: () => sent.push('closed'), bufferedBytes: () => 0 }, // prettier-ignore
    role: 'agent',
    clientId: 'agent-0001',
    hubVersion: 'test',
    clock: createFakeClock(),
    incoming: word,
    outgoing: word,
    onReady: () => undefined,
    onMessage: () => undefined,
    onBinary: () => undefined,
    onClosed: () => undefined,
    onSetAside: (message) => setAside.push(message),
  })
  link.received(JSON.stringify({ kind: 'hello', protocol: PROTOCOL_VERSION, role: 'agent', version: 'test' }))
  link.send(bad as never)
  link.send({ kind: 'word', n: 1, extra: 'omitted' } as never)
  expect(sent.slice(1)).toEqual(['{"kind":"word","n":1}'])
  expect(setAside).toEqual([{ kind: 'word', detail: expect.stringContaining(detail) as string }])
})
