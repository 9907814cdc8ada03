import { connect, type TLSSocket } from 'node:tls'
import { PROTOCOL_VERSION } from '@3cx-ninja/protocol'
import { WebSocket } from 'ws'

/** What an attack uses: addresses, its token, a seeded random source, and the sign that it is over. */
export interface AttackNeeds {
  readonly hub: URL
  readonly ca: string
  readonly token: string
  readonly random: () => number
  readonly signal: AbortSignal
  /** Counts attempts, sent or refused. */
  readonly count: (attempts?: number) => void
}

/** One way to hurt the hub: runs until the signal, whatever the hub answers. */
export type Attack = (needs: AttackNeeds) => Promise<void>

/** Returns whether the attack's time is not over yet. */
export const goesOn = ({ signal }: Pick<AttackNeeds, 'signal'>): boolean => !signal.aborted

export const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))

/** Opens a TLS connection; resolves with undefined where the hub refuses it or does not answer. */
export function openTls({ hub, ca }: Pick<AttackNeeds, 'hub' | 'ca'>): Promise<TLSSocket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: hub.hostname, port: Number(hub.port), ca, servername: '' })
    const give = (up: TLSSocket | undefined) => {
      clearTimeout(limit)
      if (!up) socket.destroy()
      resolve(up)
    }
    const limit = setTimeout(() => give(undefined), 5_000)
    socket.on('error', () => give(undefined))
    socket.on('close', () => give(undefined))
    socket.on('secureConnect', () => give(socket))
  })
}

/** Opens a link up to its hello, or up to its welcome; resolves with undefined where the hub refuses it. */
export function openLinkOf(
  role: 'agent' | 'worker' | 'wallboard',
  { hub, ca, token }: Pick<AttackNeeds, 'hub' | 'ca' | 'token'>,
  { hello = true, as = role }: { readonly hello?: boolean; readonly as?: string } = {},
): Promise<WebSocket | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`wss://${hub.host}/link/${as}`, {
      ca,
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    })
    const give = (up: WebSocket | undefined) => {
      clearTimeout(limit)
      if (!up) socket.terminate()
      resolve(up)
    }
    const limit = setTimeout(() => give(undefined), 5_000)
    socket.on('error', () => give(undefined))
    socket.on('close', () => give(undefined))
    socket.on('open', () => {
      if (!hello) return give(socket)
      socket.send(JSON.stringify({ kind: 'hello', protocol: PROTOCOL_VERSION, role, version: 'hostile' }))
    })
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary && data.toString('utf8').includes('"welcome"')) give(socket)
    })
  })
}

/**
 * Sends on one link after another, as fast as asked, until the signal: a link that the hub closed is opened again. `next`
 * returns what the n-th attempt sends. Sending goes on while the hub does not read, up to a buffer of 64 MiB.
 */
export async function flood(
  role: 'agent' | 'worker' | 'wallboard',
  needs: AttackNeeds,
  {
    perSecond,
    next,
    begin,
  }: {
    readonly perSecond: number
    readonly next: (attempt: number) => string | Uint8Array
    /** Sent on each new link, before anything else. */
    readonly begin?: (link: number) => readonly (string | Uint8Array)[]
  },
): Promise<void> {
  const startMs = performance.now()
  let [attempts, links] = [0, 0]
  let socket: WebSocket | undefined
  while (goesOn(needs)) {
    if (socket?.readyState !== WebSocket.OPEN) {
      socket = await openLinkOf(role, needs)
      if (!socket) {
        // A refused link costs its attempts: the attacker would have sent them.
        attempts = Math.max(attempts, Math.floor(((performance.now() - startMs) / 1_000) * perSecond))
        needs.count()
        await pause(50)
        continue
      }
      for (const data of begin?.(links++) ?? []) socket.send(data)
    }
    const due = Math.floor(((performance.now() - startMs) / 1_000) * perSecond)
    for (
      ;
      attempts < due && socket.readyState === WebSocket.OPEN && socket.bufferedAmount < 67_108_864;
      attempts++
    ) {
      socket.send(next(attempts))
      needs.count()
    }
    await pause(5)
  }
  socket?.terminate()
}
