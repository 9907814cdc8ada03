import { recordingId, type LogRecord } from '@3cx-ninja/protocol'
import type { ReplicationPair } from './replicationPair.ts'

/** Returns the faults of the agent's disk in words: every part on it must be a prefix of the given records. */
export async function faultsOfAgent(pair: ReplicationPair): Promise<readonly string[]> {
  const faults: string[] = []
  const { recordings } = pair.agent()!
  for (const { recordingId: id, parts } of recordings.list()) {
    for (const { header, position } of parts) {
      const records: LogRecord[] = []
      while (records.length < position) {
        const more = await recordings.read(id, header.part, records.length, 1_000)
        if (more.length === 0) break
        records.push(...more)
      }
      const where = `agent ${id}/${header.part}`
      if (records.length !== position) faults.push(`${where}: ${records.length} of ${position} can be read`)
      faults.push(...differences(where, records, pair.said(id, header.part)))
    }
  }
  return faults
}

/** Returns the faults of the hub's recording: fewer records than it acknowledged, or records that were never given. */
export async function faultsOfHub(pair: ReplicationPair, name: string): Promise<readonly string[]> {
  const id = recordingId.parse(name)
  const { store } = pair.hub()!
  const held = store.state(id)
  const faults: string[] = []
  for (const [key, acknowledged] of pair.acknowledged) {
    const [of, part] = key.split('/')
    if (of !== name) continue
    const position = held?.parts.find(({ header }) => header.part === Number(part))?.position ?? 0
    if (position < acknowledged) faults.push(`hub ${key}: ${acknowledged} acknowledged, ${position} held`)
  }
  if (!held) return faults
  // A reader waits at the first open part, so the recording is readable up to there.
  const open = held.parts.findIndex(({ ended }) => !ended)
  const readable = open < 0 ? held.parts : held.parts.slice(0, open + 1)
  const wanted = readable.reduce((sum, { position }) => sum + position, 0)
  const read = new Map<number, LogRecord[]>()
  const stopping = new AbortController()
  let count = 0
  if (wanted === 0) return faults
  for await (const event of store.follow(id, { agent: null, caller: null }, stopping.signal)) {
    if (event.kind !== 'records') continue
    read.set(event.part, [...(read.get(event.part) ?? []), ...event.records])
    count += event.records.length
    if (count >= wanted) stopping.abort()
  }
  if (count !== wanted) faults.push(`hub ${name}: ${count} of ${wanted} records can be read`)
  for (const { header } of readable) {
    const where = `hub ${name}/${header.part}`
    faults.push(...differences(where, read.get(header.part) ?? [], pair.said(name, header.part)))
  }
  return faults
}

function differences(where: string, found: readonly LogRecord[], said: readonly LogRecord[]) {
  if (found.length > said.length) return [`${where}: ${said.length} said, ${found.length} held`]
  const at = found.findIndex((record, index) => !isSame(record, said[index]))
  return at < 0 ? [] : [`${where}: another record than the one that was said stands at ${at}`]
}

const isSame = (a: LogRecord, b: LogRecord | undefined) =>
  b !== undefined &&
  a.sequence === b.sequence &&
  a.kind === b.kind &&
  a.channel === b.channel &&
  a.firstSample === b.firstSample &&
  Buffer.compare(a.payload, b.payload) === 0
