import { CLOSE } from '@3cx-ninja/protocol'
import { describe, expect, it } from 'vitest'
import { createSocketOpener } from '../../src/link/browserSocket.ts'
import { createFakeBrowserSocket } from '../../testing/fakeBrowserSocket.ts'

function setUp(answers: boolean[] = []) {
  const sockets: ReturnType<typeof createFakeBrowserSocket>[] = []
  const closed: number[] = []
  const received: (string | Uint8Array)[] = []
  const connect = createSocketOpener({
    open() {
      const socket = createFakeBrowserSocket()
      sockets.push(socket)
      return socket
    },
    hubAnswers: async () => answers.shift() ?? false,
  })
  const open = () =>
    connect({
      open: () => undefined,
      message: (data) => received.push(data),
      close: (code) => closed.push(code),
    })
  const failOnce = async () => {
    open()
    sockets.at(-1)?.ends(1006)
    await Promise.resolve().then(() => undefined)
  }
  return { sockets, closed, received, open, failOnce }
}

describe('the browser’s socket', () => {
  it('the socket passes on text and bytes', () => {
    const { sockets, received, open } = setUp()
    open()
    sockets[0]?.opens()
    sockets[0]?.receives('{"kind":"ping","n":1}')
    sockets[0]?.receives(new Uint8Array([1, 2]).buffer)
    expect(received).toEqual(['{"kind":"ping","n":1}', new Uint8Array([1, 2])])
    expect(sockets[0]?.binaryType).toBe('arraybuffer')
  })

  it('the socket closes with our own codes, and with 1000 when a page may not use the code', () => {
    const { sockets, open } = setUp()
    for (const code of [CLOSE.brokenMessage.code, CLOSE.goingAway.code, CLOSE.tooLarge.code]) {
      const link = open()
      sockets.at(-1)?.opens()
      link.close(code, 'for a reason')
    }
    expect(sockets.flatMap(({ closes }) => closes)).toEqual([CLOSE.brokenMessage.code, 1000, 1000])
  })

  it('the socket sends nothing before it opens or after it closes', () => {
    const { sockets, open } = setUp()
    const link = open()
    link.send('early')
    sockets[0]?.opens()
    link.send('now')
    sockets[0]?.ends(1006)
    link.send('late')
    expect(sockets[0]?.sent).toEqual(['now'])
  })

  it('[L2] the opener reports a refused token only when the hub answers HTTP twice in a row while the socket fails', async () => {
    const { closed, failOnce } = setUp([false, true, false, true, true])
    for (let n = 0; n < 5; n++) await failOnce()
    expect(closed).toEqual([1006, 1006, 1006, 1006, CLOSE.badToken.code])
  })

  it('the opener resets its count of refusals once a socket opens', async () => {
    const { sockets, closed, open, failOnce } = setUp([true, true])
    await failOnce()
    open()
    sockets.at(-1)?.opens()
    sockets.at(-1)?.ends(CLOSE.goingAway.code)
    await failOnce()
    expect(closed).toEqual([1006, CLOSE.goingAway.code, 1006])
  })
})
