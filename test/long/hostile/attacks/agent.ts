import { encodeFrame, SAMPLES_PER_RECORD } from '@3cx-ninja/protocol'
import type { TLSSocket } from 'node:tls'
import { flood, openLinkOf, openTls, goesOn, pause, type Attack, type AttackNeeds } from '../wire.ts'

const id = (what: string, number: number | string) => `hostile-${what}-${String(number).padStart(8, '0')}`

function report(number: number | string, revision: number): string {
  const startedAtMs = Date.now()
  return JSON.stringify({
    kind: 'call-report',
    call: {
      callId: id('call', number), recordingId: id('recording', number), extension: '666', revision, phase: 'talking',
      direction: 'inbound', startedAtMs, talkingSinceMs: startedAtMs, recording: 'recording',
    },
  }) // prettier-ignore
}

const partOpen = (number: number | string, stream: number) =>
  JSON.stringify({
    kind: 'part-open',
    stream,
    header: {
      callId: id('call', number), recordingId: id('recording', number), extension: '666', part: 1, codec: 'opus', startedAtMs: Date.now(),
      previousPosition: 0, language: 'fr', consent: { basis: 'demonstration', ruleVersion: 1 },
    },
  }) // prettier-ignore

/** Names of one run never meet those of another: the hub keeps what was sent before. */
const nameOf = ({ random }: Pick<AttackNeeds, 'random'>) => Math.floor(random() * 1e9)

const newCalls: Attack = (needs) => {
  const from = nameOf(needs)
  return flood('agent', needs, { perSecond: 4_500, next: (attempt) => report(from + attempt, 1) })
}

const sameCall: Attack = (needs) => {
  const call = nameOf(needs)
  return flood('agent', needs, { perSecond: 4_500, next: (attempt) => report(call, attempt + 1) })
}

const partOpenings: Attack = (needs) => {
  const from = nameOf(needs)
  return flood('agent', needs, {
    perSecond: 1_900,
    next: (attempt) =>
      attempt % 2 === 0
        ? report(from + attempt, 1)
        : partOpen(from + attempt - 1, 1 + ((attempt >> 1) % 65_000)),
  })
}

const sound: Attack = (needs) => {
  const call = nameOf(needs)
  const payload = new Uint8Array(16_000)
  let link = 0
  let sequence = 0
  return flood('agent', needs, {
    perSecond: 400,
    begin(number) {
      link = number
      sequence = 0
      return [report(call + link, 1), partOpen(call + link, 1)]
    },
    next() {
      const records = Array.from({ length: 8 }, (_, index) => ({
        sequence: sequence + index,
        kind: 'audio' as const,
        channel: 'agent' as const,
        firstSample: (sequence + index) * SAMPLES_PER_RECORD,
        payload,
      }))
      sequence += records.length
      return encodeFrame(1, records)
    },
  })
}

/** 305 messages a second of 169 KB: under any limit that counts messages only. */
const largeMessages: Attack = (needs) => {
  const text = JSON.stringify({ kind: 'call-report', call: { callId: 'x'.repeat(169_000) } })
  const unknown = JSON.stringify({ kind: 'from-the-future', text: 'x'.repeat(169_000) })
  return flood('agent', needs, { perSecond: 305, next: (attempt) => (attempt % 2 ? unknown : text) })
}

const erasures: Attack = (needs) => {
  const from = nameOf(needs)
  return flood('agent', needs, {
    perSecond: 2_800,
    next: (attempt) =>
      JSON.stringify({ kind: 'recording-erase', recordingId: id('recording', from + attempt) }),
  })
}

/** Links opened and cut again as fast as the hub admits or refuses them, on the agents' route with any token. */
export const reconnects: Attack = async (needs) => {
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (goesOn(needs)) {
        const socket = await openLinkOf('agent', needs)
        socket?.terminate()
        needs.count()
        if (!socket) await pause(20)
      }
    }),
  )
}

/** Sockets that never send a hello, only fragments of a message that never ends. */
const fragments: Attack = async (needs) => {
  await Promise.all(
    Array.from({ length: 200 }, async () => {
      while (goesOn(needs)) {
        const socket = await openUpgraded(needs)
        needs.count()
        if (!socket) {
          await pause(100)
          continue
        }
        const first = fragment(false, 0x1, 16)
        const next = fragment(false, 0x0, 16)
        let sent = 0
        while (goesOn(needs) && !socket.destroyed) {
          socket.write(Buffer.concat(Array.from({ length: 64 }, () => (sent++ === 0 ? first : next))))
          needs.count(64)
          await pause(20)
        }
        socket.destroy()
      }
    }),
  )
}

async function openUpgraded(needs: AttackNeeds): Promise<TLSSocket | undefined> {
  const socket = await openTls(needs)
  if (!socket) return undefined
  socket.on('error', () => undefined)
  socket.write(
    `GET /link/agent HTTP/1.1\r\nHost: ${needs.hub.host}\r\nAuthorization: Bearer ${needs.token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  )
  return new Promise((resolve) => {
    socket.once('data', (data: Buffer) =>
      resolve(data.toString('latin1').includes(' 101 ') ? socket : undefined),
    )
    socket.once('close', () => resolve(undefined))
  })
}

/** A masked frame of the WebSocket protocol (RFC 6455, 5.2) with a mask of zeros. */
function fragment(isLast: boolean, opcode: number, length: number): Buffer {
  return Buffer.concat([
    Buffer.from([(isLast ? 0x80 : 0) | opcode, 0x80 | length, 0, 0, 0, 0]),
    Buffer.alloc(length, 97),
  ])
}

/** The largest record that a frame's length field can name: one of them ended the hub of commit c088722. */
const hugeRecord: Attack = (needs) => {
  const call = nameOf(needs)
  return flood('agent', needs, {
    perSecond: 20,
    begin: (link) => [report(call + link, 1), partOpen(call + link, 1)],
    next: () => frameOf(60_000),
  })
}

/** A frame of one record of this length; its checksum is wrong on purpose: the length is refused first. */
function frameOf(length: number): Uint8Array {
  const frame = Buffer.alloc(8 + 10 + length + 4)
  frame.writeUInt8(1, 0)
  frame.writeUInt16BE(1, 1)
  frame.writeUInt8(1, 7)
  frame.writeUInt16BE(length, 16)
  return frame
}

export const agentAttacks: Readonly<Record<string, Attack>> = {
  'call reports of new calls': newCalls,
  'call reports of one call': sameCall,
  'part openings': partOpenings,
  'sound flood': sound,
  'large messages': largeMessages,
  'erasures of unknown ids': erasures,
  reconnects,
  'fragments before hello': fragments,
  'records beyond the limit': hugeRecord,
}
