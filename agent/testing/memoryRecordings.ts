import {
  callId,
  recordingId as recordingIdSchema,
  type LogRecord,
  type PartHeader,
  type RecordingId,
} from '@3cx-ninja/protocol'
import type { LocalRecording, Recordings } from '../src/main/recordings/recordingFile.ts'

interface MemoryPart {
  readonly header: PartHeader
  readonly records: LogRecord[]
  closed: boolean
}

export function aHeader(recordingId: string, part: number, previousPosition = 0): PartHeader {
  return {
    recordingId: recordingIdSchema.parse(recordingId),
    callId: callId.parse(`call-${recordingId}`),
    part,
    codec: 'pcm16',
    startedAtMs: 1_767_225_600_000 + part,
    previousPosition,
    extension: '201',
    language: 'fr',
    consent: { basis: 'demonstration', ruleVersion: 1 },
  }
}

/** Returns recordings in memory with the functions that replication needs; tests write into them directly. */
export function createMemoryRecordings() {
  const all = new Map<RecordingId, MemoryPart[]>()
  const listeners = new Set<(recordingId: RecordingId) => void>()
  const notify = (recordingId: RecordingId) => listeners.forEach((listener) => listener(recordingId))
  let reads = 0
  const unused = () => Promise.reject(new Error('not part of this test'))

  const recordings: Recordings = {
    begin: unused,
    sealUnfinished: unused,
    keepWithinLimits: unused,
    space: () => Promise.resolve('enough'),
    stop: () => Promise.resolve(),
    list: () =>
      [...all].map(([recordingId, parts]): LocalRecording => ({
        recordingId,
        sealed: parts.at(-1)?.records.at(-1)?.kind === 'sealed',
        parts: parts.map(({ header, records, closed }) => ({
          header,
          position: records.length,
          endSample: 0,
          closed,
        })),
      })),
    read(recordingId, part, from, limit) {
      reads += 1
      const found = all.get(recordingId)?.find(({ header }) => header.part === part)
      return Promise.resolve(found?.records.slice(from, from + limit) ?? [])
    },
    onGrowth(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    remove(recordingId) {
      all.delete(recordingId)
      notify(recordingId)
      return Promise.resolve()
    },
  }
  const newest = (name: string) => {
    const part = all.get(recordingIdSchema.parse(name))?.at(-1)
    if (!part) throw new Error(`no recording ${name}`)
    return part
  }
  return {
    recordings,
    reads: () => reads,
    names: () => [...all.keys()],
    parts: (name: string) => all.get(recordingIdSchema.parse(name)) ?? [],
    begin(name: string) {
      const id = recordingIdSchema.parse(name)
      const parts = all.get(id) ?? []
      parts.push({
        header: aHeader(name, parts.length + 1, parts.at(-1)?.records.length ?? 0),
        records: [],
        closed: false,
      })
      all.set(id, parts)
      notify(id)
    },
    /** Appends 100 ms of both channels; the payload names recording, part and sequence, so that a mix-up shows. */
    grow(name: string, blocks = 1): readonly LogRecord[] {
      const { header, records } = newest(name)
      const added: LogRecord[] = []
      for (let block = 0; block < blocks; block++) {
        for (const channel of ['agent', 'caller'] as const) {
          const sequence = records.length
          const payload = new TextEncoder().encode(`${name}/${header.part}/${sequence}`)
          const record: LogRecord = {
            sequence,
            kind: 'audio',
            channel,
            firstSample: (sequence >> 1) * 1_600,
            payload,
          }
          records.push(record)
          added.push(record)
        }
      }
      notify(header.recordingId)
      return added
    },
    close(name: string) {
      newest(name).closed = true
      notify(newest(name).header.recordingId)
    },
    seal(name: string) {
      const { header, records } = newest(name)
      const firstSample = (records.length >> 1) * 1_600
      records.push({
        sequence: records.length,
        kind: 'sealed',
        channel: 'agent',
        firstSample,
        payload: new Uint8Array(),
      })
      this.close(name)
      notify(header.recordingId)
    },
    /** Simulates a power cut: the newest part loses its tail and is never continued. */
    tear(name: string, to: number) {
      const part = newest(name)
      part.records.length = Math.max(0, Math.min(part.records.length, to))
      part.closed = true
      notify(part.header.recordingId)
    },
  }
}
