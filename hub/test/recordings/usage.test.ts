import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { callId, recordingId, type PartHeader, type RecordingId } from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { openRecordingStore } from '../../src/recordings/recordingStore.ts'

const SEEDS = [1, 2, 3, 4, 5]
const STEPS = 60

const headerOf = (id: RecordingId, part: number, previousPosition: number): PartHeader => ({
  recordingId: id,
  callId: callId.parse('call-0001'),
  part,
  codec: 'opus',
  startedAtMs: 1_767_225_600_000 + 1_000 * part,
  previousPosition,
  extension: '201',
  language: 'fr',
  consent: { basis: 'demonstration', ruleVersion: 1 },
})

/** Resolves with a full count of the folder: recordings with a part, and the bytes of their parts' files. */
async function countedOnDisk(folder: string) {
  const parts = path.join(folder, 'parts')
  let [bytes, recordings] = [0, 0]
  for (const each of await readdir(parts, { withFileTypes: true })) {
    if (!each.isDirectory()) continue
    const files = (await readdir(path.join(parts, each.name))).filter((name) => name.endsWith('.rec'))
    recordings += files.length > 0 ? 1 : 0
    for (const file of files) bytes += (await stat(path.join(parts, each.name, file))).size
  }
  return { bytes, recordings }
}

test.for(SEEDS)(
  'keeps running totals equal to a full count through opening, ending, erasing and replaying (seed %i)',
  async (seed) => {
    let state = seed
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 16) % below
    }
    const folder = await mkdtemp(path.join(tmpdir(), 'usage-'))
    const masterKey = createMasterKey(randomBytes(32))
    const openIt = () =>
      openRecordingStore({
        folder,
        masterKey,
        clock: systemClock,
        tuning: { checkpointEveryMs: 5, closeIdleMs: 0, segmentMs: 20, flushEveryMs: 1 },
      })
    let store = await openIt()
    const usage = async () => {
      const { bytes, recordings } = await store.usage()
      return { bytes, recordings }
    }
    try {
      const ids = Array.from({ length: 6 }, (_, index) => recordingId.parse(`recording-${index}`))
      for (let step = 0; step < STEPS; step++) {
        const id = ids[random(ids.length)] ?? recordingId.parse('recording-0')
        const parts = store.state(id)?.parts ?? []
        const last = parts.at(-1)
        const choice = random(12)
        if (!last || choice < 3) {
          const part = (last?.header.part ?? 0) + 1
          await store.openPart(headerOf(id, part, last?.position ?? 0))
        } else if (choice < 10) {
          const { position, header } = last
          const kind = choice === 9 ? ('sealed' as const) : ('audio' as const)
          const payload = kind === 'audio' ? randomBytes(1 + random(300)) : new Uint8Array()
          const record = {
            sequence: position,
            kind,
            channel: 'agent' as const,
            firstSample: position * 1_600,
          }
          store.append({ recordingId: id, part: header.part }, [{ ...record, payload }])
        } else if (choice === 10) {
          await store.remove(id, 'retention')
        } else {
          const before = await usage()
          await store.stop()
          expect(before).toEqual(await countedOnDisk(folder))
          store = await openIt()
          expect(await usage()).toEqual(before)
        }
        expect((await store.usage()).recordings).toBe(store.list().length)
      }
      const before = await usage()
      await store.stop()
      expect(before).toEqual(await countedOnDisk(folder))
    } finally {
      await store.stop()
      await rm(folder, { recursive: true })
    }
  },
)
