import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/main/process/log.ts'
import { createConsentStoreSource } from '../../src/main/detection/windows/consentStore.ts'
import {
  MICROPHONE_STORE,
  openConsentRegistry,
} from '../../src/main/detection/windows/native/consentRegistry.ts'
import { createMicrophoneEvidence } from '../../src/main/detection/windows/microphoneEvidence.ts'
import { knownPrograms } from '../../src/main/telephone/phonePrograms.ts'
import { windowsTuning } from '../../src/main/detection/windows/tuning.ts'
import { createMemoryWindows } from '../../testing/windows/memoryRegistry.ts'

const V18 = `${MICROPHONE_STORE}\\NonPackaged\\C:#3CXDesktopApp.exe`
const V20 = `${MICROPHONE_STORE}\\3CXDMCC.3CX_hash`
const MANAGER = MICROPHONE_STORE.split('\\').slice(0, -2).join('\\')

/** Returns a PC with the source, its registry in memory, and all reports of the source. */
function aPc({ existing = [MICROPHONE_STORE] }: { existing?: readonly string[] } = {}) {
  const clock = createFakeClock()
  const windows = createMemoryWindows(existing)
  const running = new Set(['3cxdesktopapp.exe'])
  let openFails: Error | undefined
  let uses = 1
  const facts: string[] = []
  const failures: string[] = []
  const source = createConsentStoreSource({
    clock,
    log: silentLogger,
    softphones: () => knownPrograms('win32'),
    evidence: createMicrophoneEvidence({ clock }),
    tuning: windowsTuning,
    uptimeMs: () => 3_600_000,
    openRegistry: async () => {
      if (openFails) throw openFails
      return openConsentRegistry(windows.registry, windows.kernel)
    },
    runningImages: async () => running,
  })
  const report = {
    fact: ({ state, leg }: { state: string; leg?: string }) => void facts.push(`${state} ${leg ?? ''}`),
    changed: () => undefined,
    failed: (error: Error) => void failures.push(error.message),
  }
  const filetime = () => BigInt(clock.nowMs() + 11_644_473_600_000) * 10_000n + BigInt(uses++)
  return {
    clock,
    windows,
    running,
    facts,
    failures,
    source,
    settle: () => clock.advance(0).then(() => clock.advance(0)),
    start: () => source.start(report),
    take(key = V18) {
      windows.write(key, 'LastUsedTimeStart', filetime())
      windows.write(key, 'LastUsedTimeStop', 0n)
    },
    release: (key = V18) => windows.write(key, 'LastUsedTimeStop', filetime()),
    failToOpen: (error: Error) => void (openFails = error),
  }
}

describe('calls from the microphone store', () => {
  it('a softphone that opens the microphone talks, one that releases it has ended', async () => {
    const pc = aPc()
    const stop = pc.start()
    await pc.settle()
    expect(pc.source.state()).toEqual({ at: 'watching', detail: 'no softphone uses the microphone' })
    pc.take()
    await pc.settle()
    expect(pc.facts).toEqual(['talking 3cxdesktopapp.exe'])
    pc.release()
    await pc.settle()
    expect(pc.facts).toEqual(['talking 3cxdesktopapp.exe', 'ended 3cxdesktopapp.exe'])
    await stop()
    await stop()
    expect(pc.windows.leftOpen()).toBe(0)
    expect(pc.clock.pending).toBe(0)
    expect(pc.source.state()).toEqual({ at: 'stopped' })
  })

  it('a call that is on already is reported at the start', async () => {
    const pc = aPc()
    pc.take(V20)
    const stop = pc.start()
    await pc.settle()
    expect(pc.facts).toEqual(['talking 3CXDMCC.3CX_hash'])
    await stop()
  })

  it('a consent store missing on a new profile is watched as soon as Windows creates it', async () => {
    const pc = aPc({ existing: ['Software\\Microsoft\\Windows\\CurrentVersion'] })
    const stop = pc.start()
    await pc.settle()
    pc.take()
    await pc.settle()
    expect(pc.facts).toEqual(['talking 3cxdesktopapp.exe'])
    await stop()
  })

  it('a consent store deleted and created again is still watched; its calls have ended', async () => {
    const pc = aPc()
    const stop = pc.start()
    pc.take()
    await pc.settle()
    pc.windows.deleteTree(MANAGER)
    await pc.settle()
    pc.take()
    await pc.settle()
    pc.release()
    await pc.settle()
    expect(pc.facts.map((fact) => fact.split(' ')[0])).toEqual(['talking', 'ended', 'talking', 'ended'])
    await stop()
    expect(pc.windows.leftOpen()).toBe(0)
  })

  it('a call that ended while the source was stopped is reported as ended by the next start', async () => {
    const pc = aPc()
    const stop = pc.start()
    pc.take()
    await pc.settle()
    await stop()
    pc.release()
    await pc.settle()
    expect(pc.facts).toEqual(['talking 3cxdesktopapp.exe'])
    const stopAgain = pc.start()
    await pc.settle()
    expect(pc.facts).toEqual(['talking 3cxdesktopapp.exe', 'ended 3cxdesktopapp.exe'])
    await stopAgain()
  })

  it('a softphone that dies without an end in the store has ended within the liveness check', async () => {
    const pc = aPc()
    const stop = pc.start()
    pc.take()
    await pc.settle()
    await pc.clock.advance(60_000)
    expect(pc.facts).toEqual(['talking 3cxdesktopapp.exe'])
    pc.running.clear()
    await pc.clock.advance(windowsTuning.aliveEveryMs)
    expect(pc.facts).toEqual(['talking 3cxdesktopapp.exe', 'ended 3cxdesktopapp.exe'])
    await pc.clock.advance(60_000)
    expect(pc.clock.pending).toBe(0)
    await stop()
  })

  it('a PC without a call polls nothing', async () => {
    const pc = aPc()
    const stop = pc.start()
    await pc.settle()
    expect(pc.clock.pending).toBe(0)
    pc.take()
    await pc.settle()
    pc.release()
    await pc.settle()
    expect(pc.clock.pending).toBe(0)
    await stop()
  })

  it('a Windows that cannot be called is reported with its cause, once', async () => {
    const pc = aPc()
    pc.failToOpen(new Error('koffi cannot be loaded; install the agent again'))
    const stop = pc.start()
    await pc.settle()
    expect(pc.failures).toEqual(['koffi cannot be loaded; install the agent again'])
    expect(pc.source.state()).toMatchObject({ at: 'failed' })
    await stop()
    expect(pc.source.state()).toMatchObject({ at: 'failed' })
  })

  it('a registry without a user fails the source instead of spinning', async () => {
    const pc = aPc({ existing: [] })
    const stop = pc.start()
    await pc.settle()
    expect(pc.failures[0]).toMatch(/no key Software/)
    await stop()
    expect(pc.windows.leftOpen()).toBe(0)
  })

  it('a source stopped while it starts opens nothing', async () => {
    const pc = aPc()
    const stop = pc.start()
    await stop()
    pc.take()
    await pc.settle()
    expect(pc.facts).toEqual([])
    expect(pc.windows.leftOpen()).toBe(0)
  })

  it('the last report is the last state, in whatever order keys come and go, also while they are being opened', async () => {
    const actions = fc.constantFrom(
      'take',
      'release',
      'wipe',
      'wipe-store',
      'settle',
      'race-take',
      'race-wipe',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(actions, { maxLength: 25 }), async (list) => {
        const pc = aPc({ existing: ['Software\\Microsoft'] })
        const stop = pc.start()
        for (const action of list) {
          if (action === 'take') pc.take()
          if (action === 'release') pc.release()
          if (action === 'wipe') pc.windows.deleteTree(MANAGER)
          if (action === 'wipe-store') pc.windows.deleteTree(MICROPHONE_STORE)
          if (action === 'settle') await pc.settle()
          if (action.startsWith('race'))
            pc.windows.onOpen = (path) => {
              if (path === MICROPHONE_STORE) return
              pc.windows.onOpen = () => undefined
              if (action === 'race-take') pc.take()
              else pc.windows.deleteTree(MANAGER)
            }
        }
        pc.windows.onOpen = () => undefined
        pc.take()
        await pc.settle()
        await pc.settle()
        expect(pc.facts.at(-1)).toBe('talking 3cxdesktopapp.exe')
        pc.release()
        await pc.settle()
        expect(pc.facts.at(-1)).toBe('ended 3cxdesktopapp.exe')
        expect(pc.failures).toEqual([])
        await stop()
        expect(pc.windows.leftOpen()).toBe(0)
      }),
      { numRuns: 200 },
    )
  })
})
