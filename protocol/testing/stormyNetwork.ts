import type { AcceptedLink, LinkSocket, SocketHandlers } from '../src/index.ts'
import type { FakeClock } from './fakeClock.ts'

/** Returns seeded random numbers (mulberry32), so that a failing run can be repeated. */
export function createSeededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Wire {
  alive: boolean
  client: SocketHandlers
  hub?: Pick<AcceptedLink<unknown>, 'received' | 'closed'>
}

/** Returns a network between one client and a hub that delays and can be cut; each direction keeps its order, as TCP does. */
export function createStormyNetwork(needs: {
  clock: FakeClock
  random: () => number
  accept: (socket: LinkSocket) => Pick<AcceptedLink<unknown>, 'received' | 'closed'>
}) {
  const { clock, random } = needs
  const wires: Wire[] = []
  let weather: 'good' | 'stormy' = 'stormy'
  const delay = () => (weather === 'good' ? 1 : Math.floor(random() * 400))

  const direction = (wire: Wire, deliver: (data: string | Uint8Array) => void) => {
    let lastMs = 0
    return (data: string | Uint8Array) => {
      lastMs = Math.max(lastMs, clock.monotonicMs() + delay())
      clock.after(lastMs - clock.monotonicMs(), () => {
        if (wire.alive) deliver(data)
      })
    }
  }
  const cut = (wire: Wire, code: number) => {
    if (!wire.alive) return
    wire.alive = false
    // Each side detects the cut after its own delay, and a half-open side may never detect it.
    for (const reportCut of [() => wire.client.close(code, 'cut'), () => wire.hub?.closed(code)]) {
      if (weather === 'good' || random() < 0.8) clock.after(delay(), reportCut)
    }
  }

  const connect = (client: SocketHandlers): LinkSocket => {
    const wire: Wire = { alive: true, client }
    wires.push(wire)
    if (weather === 'stormy' && random() < 0.1) throw new Error('no route')
    const toClient = direction(wire, client.message)
    const toHub = direction(wire, (data) => wire.hub?.received(data))
    clock.after(delay(), () => {
      if (!wire.alive) return
      wire.hub = needs.accept({
        send: toClient,
        close: (code) => cut(wire, code),
        bufferedBytes: () => 0,
      })
      client.open()
    })
    return { send: toHub, close: (code) => cut(wire, code), bufferedBytes: () => 0 }
  }

  return {
    connect,
    cutAll: () => wires.forEach((wire) => cut(wire, 1006)),
    /** Delivers data late on sockets that the client has abandoned, which must change nothing. */
    haunt(data: string) {
      for (const wire of wires.slice(0, -1)) wire.client.message(data)
    },
    become: (next: 'good' | 'stormy') => void (weather = next),
  }
}
