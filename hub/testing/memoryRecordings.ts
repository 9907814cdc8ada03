import {
  SAMPLES_PER_RECORD,
  callId,
  recordingId,
  type LogRecord,
  type PartHeader,
  type RecordingId,
} from '@3cx-ninja/protocol'
import type { TailEvent } from '../src/recordings/tailReaders.ts'
import type { RecordingState } from '../src/recordings/recordingState.ts'
import type { RecordingStore } from '../src/recordings/recordingStore.ts'

export const aPart = (id: string, part = 1, previousPosition = 0): PartHeader => ({
  recordingId: recordingId.parse(id),
  callId: callId.parse(`call-of-${id}`),
  part,
  codec: 'pcm16',
  startedAtMs: 1_767_600_000_000 + part * 600_000,
  previousPosition,
  extension: '201',
  language: 'fr',
  consent: { basis: 'demonstration', ruleVersion: 1 },
})

/** Returns one tick of a call: 100 ms of both channels, whose payload is their text. `n` counts over the whole recording. */
export function spokenRecords(header: PartHeader, tick: number, n: number): readonly LogRecord[] {
  return (['agent', 'caller'] as const).map((channel, index) => ({
    sequence: tick * 2 + index,
    kind: 'audio',
    channel,
    firstSample: tick * SAMPLES_PER_RECORD,
    payload: Buffer.from(`${channel === 'agent' ? 'a' : 'c'}${n}`),
  }))
}

interface MemoryPart {
  readonly header: PartHeader
  readonly records: LogRecord[]
}

export interface MemoryRecordings extends Pick<RecordingStore, 'state' | 'list' | 'follow' | 'onChange'> {
  open(header: PartHeader): void
  append(id: RecordingId, part: number, records: readonly LogRecord[]): void
  seal(id: RecordingId): void
  remove(id: RecordingId): void
}

/** Recordings in memory, for tests of their readers; files and their failures are tested with the real store. */
export function createMemoryRecordings(): MemoryRecordings {
  const recordings = new Map<RecordingId, MemoryPart[]>()
  const listeners = new Set<(id: RecordingId) => void>()
  let wakes: (() => void)[] = []
  const changed = (id: RecordingId) => {
    for (const listener of listeners) listener(id)
    wakeAll()
  }
  const wakeAll = () => {
    const now = wakes
    wakes = []
    for (const wake of now) wake()
  }
  const isSealed = (parts: readonly MemoryPart[]) => parts.at(-1)?.records.at(-1)?.kind === 'sealed'
  const hasEnded = (parts: readonly MemoryPart[], index: number) =>
    index < parts.length - 1 || isSealed(parts)

  const state = (id: RecordingId): RecordingState | undefined => {
    const parts = recordings.get(id)
    const first = parts?.[0]
    if (!parts || !first) return undefined
    return {
      recordingId: id,
      callId: first.header.callId,
      language: first.header.language,
      parts: parts.map(({ header, records }, index) => ({
        header,
        position: records.length,
        endSample: (records.at(-1)?.firstSample ?? 0) + SAMPLES_PER_RECORD,
        ended: hasEnded(parts, index),
      })),
      sealed: isSealed(parts),
      durable: isSealed(parts),
      updatedAtMs: 0,
    }
  }

  return {
    state,
    list: () => [...recordings.keys()].flatMap((id) => state(id) ?? []),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    open(header) {
      recordings.set(header.recordingId, [
        ...(recordings.get(header.recordingId) ?? []),
        { header, records: [] },
      ])
      changed(header.recordingId)
    },
    append(id, part, records) {
      recordings
        .get(id)
        ?.find(({ header }) => header.part === part)
        ?.records.push(...records)
      wakeAll()
    },
    seal(id) {
      const part = recordings.get(id)?.at(-1)
      part?.records.push({
        sequence: part.records.length,
        kind: 'sealed',
        channel: 'agent',
        firstSample: 0,
        payload: new Uint8Array(),
      })
      changed(id)
    },
    remove(id) {
      recordings.delete(id)
      changed(id)
    },
    async *follow(id, from, signal): AsyncGenerator<TailEvent> {
      const startPart = from.agent && from.caller ? Math.min(from.agent.part, from.caller.part) : 1
      signal.addEventListener('abort', wakeAll, { once: true })
      const isOver = () => signal.aborted // a call: it changes while we wait
      for (let index = startPart - 1; !isOver(); index++) {
        while (!isOver() && recordings.has(id) && !recordings.get(id)?.[index])
          await new Promise<void>((resolve) => wakes.push(resolve))
        const part = recordings.get(id)?.[index]
        if (!part) return
        const points = [from.agent, from.caller].flatMap((point) =>
          point?.part === part.header.part ? [point.sample] : [],
        )
        const begin = from.agent && from.caller && points.length > 0 ? Math.min(...points) - 16_000 : 0
        let next = Math.max(
          0,
          part.records.findIndex(({ firstSample }) => firstSample >= begin),
        )
        yield { kind: 'part', header: part.header, position: next }
        for (;;) {
          if (isOver() || !recordings.has(id)) return
          const records = part.records.slice(next)
          if (records.length > 0) {
            next = part.records.length
            yield { kind: 'records', part: part.header.part, records }
            continue
          }
          const parts = recordings.get(id) ?? []
          if (hasEnded(parts, index)) break
          await new Promise<void>((resolve) => wakes.push(resolve))
        }
        const last = index === (recordings.get(id)?.length ?? 0) - 1
        yield { kind: 'part-end', part: part.header.part, position: next, last }
        if (last) return
      }
    },
  }
}
