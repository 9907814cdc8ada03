import path from 'node:path'
import { describe, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import type { ChannelDevice, FeedListener } from '../../src/main/capture/sources/channelFeed.ts'
import { createHelperFeed } from '../../src/main/capture/sources/helperFeed.ts'
import type { HelperTarget } from '../../src/main/capture/sources/helperProtocol.ts'
import { EVENT_LIMIT_MS } from '../../../protocol/testing/eventLimit.ts'

const FAKE = path.resolve(import.meta.dirname, '../../testing/capture/fakeHelper.ts')
const CLIENT: HelperTarget = { kind: 'client', images: ['3CXSoftphone.exe'] }
const OTHERS: HelperTarget = { kind: 'everything-but', pid: 4711 }
const SYSTEM: HelperTarget = { kind: 'system', images: ['3CXSoftphone.exe'] }

/** Returns the feed on a fake helper that behaves as `mode` names. */
function listen(
  mode: string,
  [first, ...others]: readonly [HelperTarget, ...HelperTarget[]] = [CLIENT],
  command = process.execPath,
) {
  const blocks: { samples: Int16Array; endMs: number; arrivedMs: number }[] = []
  const devices: ChannelDevice[] = []
  const lost: string[] = []
  const userErrors: string[] = []
  const notes: string[] = []
  let restarts = 0
  const checks = new Set<() => void>()
  const checkAll = () => checks.forEach((each) => each())
  const listener: FeedListener = {
    sound(samples, endMs) {
      blocks.push({ samples, endMs, arrivedMs: performance.now() })
      checkAll()
    },
    restarted() {
      restarts += 1
    },
    device(device) {
      devices.push(device)
      checkAll()
    },
    lost(error) {
      lost.push(error.message)
      checkAll()
    },
    degraded(error) {
      userErrors.push(error.message)
      checkAll()
    },
  }
  const feed = createHelperFeed({
    program: { command, args: command === process.execPath ? [FAKE, mode] : [] },
    targets: [() => first, ...others.map((target) => () => target)],
    clock: systemClock,
    onNote: (line) => notes.push(line),
  })
  let running = feed.start(listener)
  return {
    blocks,
    devices,
    lost,
    userErrors,
    notes,
    restarts: () => restarts,
    stop: () => running.stop(),
    startAgain: () => (running = feed.start(listener)),
    until: (what: string, is: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        const limit = setTimeout(
          () => reject(new Error(`no ${what}: ${JSON.stringify({ devices, lost, userErrors, notes })}`)),
          EVENT_LIMIT_MS,
        )
        const check = () => {
          if (!is()) return
          clearTimeout(limit)
          checks.delete(check)
          resolve()
        }
        checks.add(check)
        check()
      }),
    [Symbol.asyncDispose]: () => running.stop(),
  }
}

describe.concurrent('the caller through the capture helper', () => {
  it('the helper feed gives sound with its time of capture, and names the target', async ({ expect }) => {
    await using feed = listen('well')
    await feed.until('a second of sound', () => feed.blocks.length >= 50)
    expect(feed.devices).toEqual([{ origin: '3cx-client', label: 'fake client' }])
    const late = feed.blocks.map(({ endMs, arrivedMs }) => arrivedMs - endMs)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(-1) // a block never ends after its arrival
    const all = feed.blocks.flatMap(({ samples }) => [...samples])
    expect(
      all.findIndex(
        (sample, index) => Math.abs(sample - 8_000 * Math.sin((2 * Math.PI * 440 * index) / 16_000)) > 2,
      ),
    ).toBe(-1)
    expect(feed.notes).toContain('a line of the loader')
    expect(feed.lost).toEqual([])
  })

  it.each(['dies', 'garbage', 'stalls'])(
    'the helper feed starts a failed helper again (%s), and reports the failure',
    async (mode) => {
      const { expect } = await import('vitest')
      await using feed = listen(mode)
      await feed.until('the loss', () => feed.lost.length > 0)
      await feed.until('a second life', () => feed.devices.length > 1 && feed.blocks.length > 16)
      const reasons = {
        dies: /it ended with 1/,
        garbage: /something that is no frame.*install the agent again/,
        stalls: /sends nothing/,
      }
      expect(feed.lost[0]).toMatch(reasons[mode as keyof typeof reasons])
      expect(feed.restarts()).toBeGreaterThan(1)
    },
  )

  it('the helper feed falls back to the next target where the system cannot capture the better one, names it, and remembers it', async ({
    expect,
  }) => {
    await using feed = listen('old-windows', [CLIENT, OTHERS, SYSTEM])
    await feed.until('the last resort', () => feed.devices.length > 0)
    expect(feed.devices).toEqual([{ origin: 'system-loopback', label: 'fake system' }])
    expect(feed.userErrors).toEqual([
      'The sound of the 3CX client cannot be captured alone (this Windows has no process loopback): All sound of this PC but our own is recorded instead.',
      'All sound of this PC but our own cannot be captured alone (this Windows has no process loopback): All that the default output plays is recorded instead.',
    ])
    await feed.stop()
    feed.startAgain()
    await feed.until('the same at once', () => feed.devices.length > 1)
    expect(feed.userErrors).toHaveLength(2)
  })

  it('the helper feed tries a failing target three times before it falls back to the next one', async ({
    expect,
  }) => {
    await using feed = listen('refused', [CLIENT, OTHERS])
    await feed.until('the next target', () => feed.devices.length > 0)
    expect(feed.devices).toEqual([{ origin: 'everything-but-us', label: 'fake everything-but' }])
    expect(feed.lost).toHaveLength(2)
    expect(feed.lost[0]).toContain('the device is gone')
  })

  it('the helper feed reports that the telephone client does not run', async ({ expect }) => {
    await using feed = listen('absent')
    await feed.until('the loss', () => feed.lost.length > 0)
    expect(feed.lost).toEqual([
      'The caller is not heard: none of 3CXSoftphone.exe runs. Start the 3CX client, or name its program in the settings.',
    ])
    await feed.until('silence that keeps the time', () => feed.blocks.length > 5)
  })

  it('the helper feed reports that the helper is missing', async ({ expect }) => {
    await using feed = listen('', [CLIENT], '/no/such/helper')
    await feed.until('the loss', () => feed.lost.length > 0)
    expect(feed.lost[0]).toMatch(/cannot be started.*ENOENT.*install the agent again/)
  })

  it('the helper feed kills a helper that does not end when asked', async ({ expect }) => {
    await using feed = listen('deaf')
    await feed.until('sound', () => feed.blocks.length > 3)
    await feed.stop()
    const count = feed.blocks.length
    await new Promise((resolve) => setImmediate(resolve))
    expect(feed.blocks).toHaveLength(count)
  })
})
