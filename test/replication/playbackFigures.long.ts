import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import { expect, it } from 'vitest'
import { loadBlockCodec } from '../../agent/src/main/capture/recording/blockCodec.ts'
import { loadBlockDecoders } from '../../agent/src/main/history/blockDecoder.ts'
import { createPlayback } from '../../agent/src/main/history/playback.ts'
import { aHeldSite, idOf, opened } from './heldSite.ts'

const MINUTES = 30
const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`

/** Returns Opus blocks of swelling and fading noise, so that the encoder works as hard as with speech. */
async function anOpusBlock(): Promise<(n: number) => Uint8Array> {
  const codec = await loadBlockCodec((cause) => {
    throw cause
  })
  const encode = codec.createEncoder()
  const blocks = Array.from({ length: 50 }, (_, block) =>
    encode(
      Int16Array.from({ length: 1_600 }, (_, at) => {
        const t = (block * 1_600 + at) / SAMPLE_RATE_HZ
        return (
          (Math.sin(t * 900) + Math.sin(t * 2_300) + Math.random() - 0.5) * 4_000 * Math.abs(Math.sin(t * 3))
        )
      }),
    ),
  )
  return (n) => blocks[n % blocks.length] ?? new Uint8Array()
}

it('playback of a call of half an hour starts at once, also at a late position', async () => {
  const block = await anOpusBlock()
  await using site = await aHeldSite()
  await site.holds('recording-1', MINUTES * 60 * 20, { payloadOf: block })
  const createDecoder = await loadBlockDecoders()
  const figures: Record<string, string> = {}
  const timed = async (what: string, act: () => Promise<unknown>) => {
    const began = performance.now()
    await act()
    figures[what] = `${(performance.now() - began).toFixed(0)} ms`
    return performance.now() - began
  }
  const play = async (listener: Awaited<ReturnType<typeof site.aListener>>, fromSecond: number) => {
    const playback = createPlayback({ recording: await opened(listener, 'recording-1'), createDecoder })!
    const stretch = playback.read(44 + fromSecond * 32_000, playback.bytes)
    expect((await stretch.next()).value).toHaveLength(32_000)
    return stretch
  }

  const first = await site.aListener()
  const began = await timed('first second', async () => void (await (await play(first, 0)).return(undefined)))
  const jumped = await timed('first second of minute 25, while it comes', async () => {
    await (await play(first, 25 * 60)).return(undefined)
  })
  await first.copies.erased(idOf('recording-1'))

  const second = await site.aListener()
  const passed = site.line.passed()
  await timed('all of it on this PC', async () => {
    const recording = await opened(second, 'recording-1')
    for await (const _ of recording.records(1, 0));
  })
  figures['over the line'] = megabytes(site.line.passed() - passed)
  await timed('first second of minute 25, from the copy', async () => {
    await (await play(second, 25 * 60)).return(undefined)
  })

  // Memory of both sides together, garbage included: an upper bound, not a measure of the hub alone.
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  let most = 0
  await timed('ten more times, three at once', async () => {
    const left = Array.from({ length: 10 }, (_, n) => n)
    const reader = async () => {
      while (left.pop() !== undefined)
        for (let from = 0; from < MINUTES * 60 * 20; from += 6_000) {
          const answer = second.hub.records(
            { recordingId: idOf('recording-1'), part: 1, from: { sequence: from }, limit: 6_000 },
            AbortSignal.timeout(60_000),
          )
          for await (const _ of answer) most = Math.max(most, process.memoryUsage().rss)
        }
    }
    await Promise.all([reader(), reader(), reader()])
  })
  figures['resident memory of hub and agent above that before'] = megabytes(most - before)
  process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`)
  expect(began).toBeLessThan(1_500)
  expect(jumped).toBeLessThan(1_500)
}, 300_000)
