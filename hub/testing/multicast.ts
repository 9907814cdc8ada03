import { createSocket } from 'node:dgram'
import { SECOND_MS } from '@3cx-ninja/protocol'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'

const GROUP = '224.0.0.251'

/** Resolves with whether this machine receives its own multicast; logs it where not: some containers have no such network. */
export async function multicastWorks(): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    return await new Promise<boolean>((resolve) => {
      const cancel = systemClock.after(SECOND_MS, () => {
        console.log('No multicast on this machine: finding a hub by mDNS is not tested here.')
        resolve(false)
      })
      const settle = (works: boolean) => {
        cancel()
        resolve(works)
      }
      socket.on('error', () => settle(false))
      socket.on('message', () => settle(true))
      socket.bind(0, () => {
        try {
          socket.addMembership(GROUP)
        } catch {
          return settle(false) // no interface accepts it
        }
        socket.send('?', socket.address().port, GROUP)
      })
    })
  } finally {
    socket.close()
  }
}
