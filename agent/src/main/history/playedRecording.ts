import { SAMPLES_PER_RECORD, type Codec, type LogRecord, type RecordingId } from '@3cx-ninja/protocol'
import { endOf } from '@3cx-ninja/recording-log/timeline.ts'
import type { LocalPart, Recordings } from '../recordings/recordingFile.ts'

/** A recording that can be played, from this disk or from the hub. */
export interface PlayedRecording {
  readonly parts: readonly { readonly part: number; readonly codec: Codec; readonly samples: number }[]
  /**
   * Yields the records of a part in order, from at least RUN_UP_RECORDS before `sample` (where there are so many) to the part's
   * end. Throws when it cannot be read further: the recording is gone, or the hub is away.
   */
  records(part: number, sample: number): AsyncGenerator<readonly LogRecord[], void>
}

/** An Opus decoder needs this much audio before its output equals the encoder's input. */
export const RUN_UP_RECORDS = 4

/** Yields the records from exactly the run-up before the record at `sample`, so that both sources sound alike. */
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

/** Records per read: five seconds of both channels. */
const READ_RECORDS = 100

/** Resolves with this disk's copy of a recording, or with undefined when there is none. Rejects when the disk refuses. */
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
  // The last records give the end of the part; a seal or a mark has no audio.
  for (let from = Math.max(0, part.position - READ_RECORDS); ; from = Math.max(0, from - READ_RECORDS)) {
    const records = await recordings.read(id, part.header.part, from, READ_RECORDS)
    const ends = records.map(endOf)
    if (ends.length > 0) return Math.max(...ends)
    if (from === 0) return 0
  }
}

/** Resolves with the sequence of a record at or before the sample: the log is sorted by time, so a binary search needs a dozen reads. */
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
