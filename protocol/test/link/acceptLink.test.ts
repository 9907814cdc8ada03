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
