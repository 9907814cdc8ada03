import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordingId, type RecordingId } from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createFakeDisk, seededRandom } from '../../../recording-log/testing/fakeDisk.ts'
import { trueHeader, trueRecord } from '../../../recording-log/testing/trueRecord.ts'
import { openRecordingStore, type RecordingStore } from '../../src/recordings/recordingStore.ts'

const NAMES = ['recording-1', 'recording-2', 'recording-3'] as const
/** Records of a whole recording, its seal included. */
const WHOLE = 12

type Step =
  | { readonly kind: 'append'; readonly recording: number; readonly records: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'disk'; readonly state: 'well' | 'slow' | 'refuses' }
  | { readonly kind: 'crash'; readonly how: 'killed' | 'power' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('append' as const), recording: fc.nat(2), records: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 20, 120, 700, 2_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('disk' as const), state: fc.constantFrom('well' as const, 'slow' as const, 'refuses' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), how: fc.constantFrom('killed' as const, 'power' as const) }) },
) // prettier-ignore

/** A disk whose flushes wait while it is slow, and are refused while it is broken. */
function createMoodyDisk() {
  const disk = createFakeDisk()
  let waiting: (() => void)[] = []
  let isSlow = false
  const moody = (fs: FileSystem): FileSystem => ({
    ...fs,
    async open(path, flags) {
      const file = await fs.open(path, flags)
      return {
        ...file,
        async datasync() {
          if (isSlow) await new Promise<void>((resolve) => waiting.push(resolve))
          await file.datasync()
        },
      }
    },
  })
  const release = () => {
    for (const resume of waiting) resume()
    waiting = []
  }
  return {
    disk,
    fs: () => moody(disk.fs),
    become(state: 'well' | 'slow' | 'refuses') {
      isSlow = state === 'slow'
      if (!isSlow) release()
      disk.heal()
      if (state === 'refuses') disk.refuse('datasync', 'EIO')
    },
    release,
  }
}

/** Runs the steps; resolves with the recordings that were announced as durable and are not whole after a crash. */
async function liesOf(steps: readonly Step[], seed: number): Promise<readonly string[]> {
  const [moody, clock, random] = [createMoodyDisk(), createFakeClock(), seededRandom(seed)]
  const masterKey = createMasterKey(randomBytes(32))
  const announced = new Set<RecordingId>()
  const lies: string[] = []
  const start = async () => {
    const tuning = { checkpointEveryMs: 100, segmentMs: 500, closeIdleMs: 1_000 }
    const opened = await openRecordingStore({ folder: '/hub', fs: moody.fs(), clock, masterKey, tuning })
    opened.onDurable((id) => announced.add(id))
    for (const { recordingId: id, durable } of opened.list()) if (durable) announced.add(id)
    for (const name of NAMES) await opened.openPart(trueHeader(name))
    return opened
  }
  let store = await start()
  for (const one of steps) {
    if (one.kind === 'append') append(store, NAMES[one.recording] ?? NAMES[0], one.records)
    else if (one.kind === 'wait') await clock.advance(one.ms)
    else if (one.kind === 'disk') moody.become(one.state)
    else {
      if (one.how === 'power') moody.disk.cutPower(random)
      else moody.disk.kill()
      moody.become('well')
      store = await start()
      for (const id of announced) {
        const state = store.state(id)
        if (state?.sealed !== true || state.parts[0]?.position !== WHOLE)
          lies.push(`${id} has ${state?.parts[0]?.position ?? 0} of ${WHOLE} records`)
      }
    }
  }
  moody.become('well')
  return lies
}

function append(store: RecordingStore, name: string, records: number): void {
  const id = recordingId.parse(name)
  const from = store.state(id)?.parts[0]?.position ?? 0
  const to = Math.min(WHOLE, from + records)
  store.append(
    { recordingId: id, part: 1 },
    Array.from({ length: to - from }, (_, n) => trueRecord(name, 1, from + n, WHOLE - 1)),
  )
}

describe('a recording that is announced as durable', () => {
  it('[R9] is whole after a crash at any moment, on a disk that is slow, refuses flushes and loses what was not flushed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), fc.nat(), async (steps, seed) => {
        const ended = [...steps, { kind: 'crash', how: 'power' } as const]
        expect(await liesOf(ended, seed)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('[R9] is announced only behind the flush of its seal, though the seal was accepted long before', async () => {
    const [moody, clock] = [createMoodyDisk(), createFakeClock()]
    const masterKey = createMasterKey(randomBytes(32))
    const store = await openRecordingStore({ folder: '/hub', fs: moody.fs(), clock, masterKey })
    const announced: string[] = []
    store.onDurable((id) => announced.push(id))
    await store.openPart(trueHeader(NAMES[0]))
    moody.become('slow')
    append(store, NAMES[0], WHOLE)
    await clock.advance(5_000)
    expect(store.state(recordingId.parse(NAMES[0]))).toMatchObject({ sealed: true, durable: false })
    expect(announced).toEqual([])
    moody.become('well')
    await clock.advance(200)
    expect(announced).toEqual([NAMES[0]])
  })
})
