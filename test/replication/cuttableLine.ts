import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Opens a line to a port of this machine that can be slow, be cut in the middle, or stop delivering. */
export async function openCuttableLine(port: () => number) {
  const open = new Set<Socket>()
  let [dead, connections, passed] = [false, 0, 0]
  /** Bytes that each new connection delivers from the far end before it is cut or stalls. */
  let cutAfter = Infinity
  let holdAfter = Infinity
  let release: (() => void)[] = []
  const server = createServer((near) => {
    if (dead) return void near.destroy()
    connections += 1
    const [mayPass, mayGo] = [cutAfter, holdAfter]
    let got = 0
    const far = connect(port(), '127.0.0.1')
    open.add(near).add(far)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
    near.on('data', (bytes) => far.write(bytes))
    far.on('data', (bytes) => {
      got += bytes.length
      passed += bytes.length
      if (got > mayPass) return void near.destroy()
      const late = Math.min(bytes.length, Math.max(0, got - mayGo))
      near.write(bytes.subarray(0, bytes.length - late))
      if (late === 0) return
      far.pause()
      release.push(() => {
        near.write(bytes.subarray(bytes.length - late))
        far.resume()
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    passed: () => passed,
    cutAfter: (bytes: number) => (cutAfter = bytes),
    holdAfter: (bytes: number) => (holdAfter = bytes),
    release() {
      holdAfter = Infinity
      const now = release
      release = []
      for (const each of now) each()
    },
    down() {
      dead = true
      for (const socket of open) socket.destroy()
    },
    up: () => (dead = false),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
