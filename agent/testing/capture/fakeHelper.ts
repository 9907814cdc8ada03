// A program in place of the native capture helper, with the same command line, frames and lines. The first argument names the
// fault that the program shows.
import { writeSync } from 'node:fs'
import { encodeHelperFrame } from '../../src/main/capture/sources/helperProtocol.ts'

const [mode = 'well', ...args] = process.argv.slice(2)
const target = args[args.indexOf('--target') + 1] ?? ''
const say = (line: object) => writeSync(2, `${JSON.stringify(line)}\n`)
let sequence = 0
let firstSample = 0

function send(samples: Int16Array) {
  const qpc = Math.round(performance.now() * 10_000) + 123_456_789_000 // a counter that began long ago
  process.stdout.write(encodeHelperFrame({ sequence, firstSample, qpc, samples }))
  sequence += 1
  firstSample += samples.length
}
/** Returns 20 ms of a 440 Hz tone. */
const tone = () =>
  Int16Array.from({ length: 320 }, (_, index) =>
    Math.round(8_000 * Math.sin((2 * Math.PI * 440 * (firstSample + index)) / 16_000)),
  )

process.stdin.on('end', () => process.exit(0))
process.stdin.resume()

const startedMs = performance.now()
const play = (until = Infinity, then: () => void = () => undefined) => {
  const timer = setInterval(() => {
    while (firstSample < (performance.now() - startedMs) * 16) {
      if (firstSample >= until) {
        clearInterval(timer)
        return then()
      }
      send(tone())
    }
  }, 20)
}

if (mode === 'old-windows' && target !== 'system') {
  say({ kind: 'error', code: 'build:17763', text: 'this Windows has no process loopback' })
  process.exit(3)
} else if (mode === 'refused' && target === 'client') {
  say({ kind: 'error', code: 'hresult:0x88890004', text: 'the device is gone' })
  process.exit(4)
} else if (mode === 'absent') {
  say({ kind: 'waiting', for: '3CXSoftphone.exe' })
  play()
} else {
  writeSync(2, 'a line of the loader\n')
  say({ kind: 'opened', label: `fake ${target}` })
  if (mode === 'dies') play(4_800, () => process.exit(1))
  else if (mode === 'garbage') play(4_800, () => process.stdout.write(Buffer.alloc(200, 7)))
  else if (mode === 'stalls') play(4_800)
  else if (mode === 'deaf') {
    process.stdin.removeAllListeners('end')
    play()
  } else play()
}
