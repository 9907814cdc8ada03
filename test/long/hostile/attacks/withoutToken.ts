import { connect as connectTcp, type Socket } from 'node:net'
import { openTls, goesOn, pause, type Attack, type AttackNeeds } from '../wire.ts'

/** Keeps so many connections, each writing pipelined requests for as long as it lives. */
const requests =
  (path: string, connections: number, pipelined: number): Attack =>
  async (needs) => {
    const text = `GET ${path} HTTP/1.1\r\nHost: ${needs.hub.host}\r\n\r\n`.repeat(pipelined)
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (goesOn(needs)) {
          const socket = await openTls(needs)
          needs.count(socket ? 0 : 1)
          if (!socket) await pause(50)
          else await writeUntilClosed(needs, socket, text, pipelined)
        }
      }),
    )
  }

function writeUntilClosed(
  { signal, count }: AttackNeeds,
  socket: Socket,
  text: string,
  each: number,
): Promise<void> {
  return new Promise((resolve) => {
    let answered = 0
    const send = () => {
      count(each)
      socket.write(text)
    }
    socket.on('data', (data: Buffer) => {
      answered += data.toString('latin1').split('HTTP/1.1 ').length - 1
      if (answered < each) return
      answered = 0
      send()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
    signal.addEventListener('abort', () => socket.destroy(), { once: true })
    send()
  })
}

const enrollNested: Attack = async (needs) => {
  const body = `{"role":"agent","secret":${'['.repeat(120_000)}${']'.repeat(120_000)}}`
  const head = `POST /api/enroll HTTP/1.1\r\nHost: ${needs.hub.host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (goesOn(needs)) {
        const socket = await openTls(needs)
        if (socket) await writeUntilClosed(needs, socket, head + body, 1)
        else needs.count()
      }
    }),
  )
}

/** Handshakes that end at once: the hub has the work of the key exchange, the attacker no connection. */
const handshakes: Attack = async (needs) => {
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (goesOn(needs)) {
        const socket = await openTls(needs)
        socket?.destroy()
        needs.count()
      }
    }),
  )
}

/** TCP connections that never begin their handshake, opened again when the hub ends them. */
const halfOpen: Attack = async (needs) => {
  const { hub, count } = needs
  const open = new Set<Socket>()
  while (goesOn(needs)) {
    while (open.size < 3_000 && goesOn(needs)) {
      const socket = connectTcp(Number(hub.port), hub.hostname)
      count()
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
      if (open.size % 100 === 0) await pause(10)
    }
    await pause(50)
  }
  for (const socket of open) socket.destroy()
}

/** Requests whose heads never end: one byte a second on each of 600 connections. */
const slowHeads: Attack = async (needs) => {
  await Promise.all(
    Array.from({ length: 600 }, async () => {
      while (goesOn(needs)) {
        const socket = await openTls(needs)
        needs.count()
        if (!socket) {
          await pause(200)
          continue
        }
        socket.on('error', () => undefined)
        socket.write(`GET /health HTTP/1.1\r\nX-`)
        while (goesOn(needs) && !socket.destroyed) {
          socket.write('a')
          await pause(1_000)
        }
        socket.destroy()
      }
    }),
  )
}

export const withoutToken: Readonly<Record<string, Attack>> = {
  'GET /health, 40 connections': requests('/health', 40, 1),
  'GET /metrics, 40 connections': requests('/metrics', 40, 1),
  'GET /metrics, pipelined': requests('/metrics', 10, 10),
  'GET /health, pipelined': requests('/health', 10, 10),
  'POST /api/enroll, 240 KB nested': enrollNested,
  'TLS handshakes': handshakes,
  '3,000 half-open TLS': halfOpen,
  '600 slow heads': slowHeads,
}
