import { SAMPLES_PER_RECORD, type Codec, type LogRecord, type RecordingId } from '@3cx-ninja/protocol'
import { endOf } from '@3cx-ninja/recording-log/timeline.ts'
import type { LocalPart, Recordings } from '../recordings/recordingFile.ts'

/** A recording that can be heard, wherever its records lie. */
export interface PlayedRecording {
  readonly parts: readonly { readonly part: number; readonly codec: Codec; readonly samples: number }[]
  /**
   * Records of a part in order, from some way before `sample` on (at least RUN_UP_RECORDS, where there are so many), to
   * its end. Throws when it cannot be read on: the sound is gone, or its place cannot be reached.
   */
  records(part: number, sample: number): AsyncGenerator<readonly LogRecord[], void>
}

/** A decoder of Opus needs a moment of sound before it speaks as the encoder did. */
export const RUN_UP_RECORDS = 4

/** Drops what stands more than the run-up before the record at `sample`, so that every place of records sounds alike. */
export async function* fromRunUp(
  batches: AsyncIterable<readonly LogRecord[]>,
  sample: number,
): AsyncGenerator<readonly LogRecord[], void> {
  let runUp: readonly LogRecord[] = []
  let found = false
  for await (const batch of batches) {
    if (found) {
      yield batch
      continue
    }
    const all = [...runUp, ...batch]
    const at = all.findIndex(({ firstSample }) => firstSample + SAMPLES_PER_RECORD > sample)
    found = at >= 0
    if (found) yield all.slice(Math.max(0, at - RUN_UP_RECORDS))
    else runUp = all.slice(-RUN_UP_RECORDS)
  }
}

export type LocalRecordings = Pick<Recordings, 'list' | 'read'>

/** Records read at once: five seconds of both channels. */
const READ_RECORDS = 100

/** What this disk holds of a recording; undefined: nothing. */
export async function openLocalCopy(
  recordings: LocalRecordings,
  recordingId: RecordingId,
): Promise<PlayedRecording | undefined> {
  const localRecording = () => recordings.list().find((each) => each.recordingId === recordingId)
  const found = localRecording()
  if (!found) return undefined
  const parts = await Promise.all(
    found.parts.map(async (part) => ({
      part: part.header.part,
      codec: part.header.codec,
      samples: await lengthOf(recordings, recordingId, part),
    })),
  )
  const wanted = new Map(found.parts.map(({ header, position }) => [header.part, position]))
  return {
    parts,
    async *records(part, sample) {
      const position = wanted.get(part) ?? 0
      let sequence = Math.max(
        0,
        (await seek(recordings, recordingId, part, sample, position)) - RUN_UP_RECORDS,
      )
      while (sequence < position) {
        const records = await recordings.read(recordingId, part, sequence, READ_RECORDS)
        if (records.length === 0 && !localRecording())
          throw new Error('the recording is not on this disk any more')
        if (records.length === 0) return
        sequence += records.length
        yield records
      }
    },
  }
}

async function lengthOf(recordings: LocalRecordings, id: RecordingId, part: LocalPart): Promise<number> {
  // The last records tell where the part ends; a seal or a mark has no sound of its own.
  for (let from = Math.max(0, part.position - READ_RECORDS); ; from = Math.max(0, from - READ_RECORDS)) {
    const records = await recordings.read(id, part.header.part, from, READ_RECORDS)
    const ends = records.map(endOf)
    if (ends.length > 0) return Math.max(...ends)
    if (from === 0) return 0
  }
}

/** The sequence of a record at or before the sample: the log is sorted by time, so halving finds it in a dozen reads. */
async function seek(
  recordings: LocalRecordings,
  id: RecordingId,
  part: number,
  sample: number,
  position: number,
): Promise<number> {
  let low = 0
  let high = position
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [record]: readonly (LogRecord | undefined)[] = await recordings.read(id, part, middle, 1)
    if (record && record.firstSample + SAMPLES_PER_RECORD <= sample) low = middle + 1
    else high = middle
  }
  return low
}
