import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { MAX_RECORDS_PER_FRAME, encodeFrame, type PartHeader } from '@3cx-ninja/protocol'
import { seededRandom } from '../../../recording-log/testing/fakeDisk.ts'
import { trueHeader, trueRecord } from '../../../recording-log/testing/trueRecord.ts'
import { startWriterProcess } from '../../../recording-log/testing/writerProcess.ts'
import type { StoreNews, StoreOrder } from './storeProcess.ts'

export interface KillRounds {
  readonly seed: number
  readonly rounds: number
  /** Recordings that grow at once. */
  readonly active: number
  /** The process is killed after about so many reported flushes, unless it killed itself before. */
  readonly flushes: number
  readonly folder: string
  /** Files of parts that the store keeps open at once; by default as many as there are. */
  readonly partHandles?: number
}
export interface KillRoundsEnd {
  /** One sentence for each record that was lost, doubled, mixed up or wrongly acknowledged. */
  readonly faults: readonly string[]
  readonly acknowledged: number
  readonly recordings: number
  readonly sealed: number
  /** How often the processes died at which change of the disk. */
  readonly deaths: Readonly<Record<string, number>>
}

/** The agent's side of one recording: the records sent, and those that the hub may never lose. */
interface ActiveRecording {
  readonly header: PartHeader
  readonly sealAt: number
  sent: number
  acknowledged: number
  /** The position at the last start: all records before it were read back and compared. */
  checked: number
  opened: boolean
}

const STORE_PROCESS = path.join(import.meta.dirname, 'storeProcess.ts')
/** Records in flight to the hub, per recording: more than a flush writes, so that each kill loses some. */
const WINDOW = 48

/** Kills the real store in the middle of its work, repeatedly on one folder, and compares the records that each next one has. */
export async function killStore(setup: KillRounds): Promise<KillRoundsEnd> {
  const random = seededRandom(setup.seed)
  const key = randomBytes(32).toString('hex')
  const noteFile = `${setup.folder}.death`
  const faults: string[] = []
  const deaths: Record<string, number> = {}
  const finished: ActiveRecording[] = []
  let begun = 0
  let acknowledged = 0
  const begin = (): ActiveRecording => {
    begun += 1
    const header = trueHeader(`recording-${String(begun).padStart(5, '0')}`)
    const sealAt = 100 + Math.floor(random() * 4_000)
    return { header, sealAt, sent: 0, acknowledged: 0, checked: 0, opened: false }
  }
  let active = Array.from({ length: setup.active }, begin)

  /** Runs the store once. With `dieAt` 0 and `flushes` 0 it opens, is compared from the start, and stops in order. */
  const live = async (dieAt: number, flushes: number, checkAll: boolean) => {
    const all = [...finished, ...active]
    const byName = new Map<string, ActiveRecording>(all.map((one) => [one.header.recordingId, one]))
    for (const one of all) one.opened = false
    let toOpen = all.length
    let flushCount = 0
    await rm(noteFile, { force: true })
    const store = startWriterProcess<StoreOrder, StoreNews>(
      STORE_PROCESS,
      [setup.folder, key, String(dieAt), noteFile, String(setup.partHandles ?? 1_000)],
      (news) => {
        const one = byName.get(news.name)
        if (!one) return
        if (news.kind === 'opened') partOpened(one, news)
        else if (news.kind === 'flushed') partFlushed(one, news.position)
        else faults.push(`${news.name}: refused, ${news.detail}`)
      },
    )
    const feed = (one: ActiveRecording) => {
      const most = Math.min(one.acknowledged + WINDOW, one.sealAt + 1) - one.sent
      const count = Math.min(most, MAX_RECORDS_PER_FRAME, 1 + Math.floor(random() * 24))
      if (count <= 0) return
      const { header, sealAt, sent } = one
      const name = header.recordingId
      const records = Array.from({ length: count }, (_, n) => trueRecord(name, 1, sent + n, sealAt))
      store.send({ kind: 'frame', header, bytes: encodeFrame(1, records) })
      one.sent += count
    }
    const partOpened = (one: ActiveRecording, news: Extract<StoreNews, { kind: 'opened' }>) => {
      const { name, position } = news
      faults.push(...news.faults)
      if (position < one.acknowledged)
        faults.push(`${name}: ${one.acknowledged} acknowledged, ${position} stored`)
      if (position > one.sent) faults.push(`${name}: ${one.sent} sent, ${position} stored`)
      if (news.flushed > position) faults.push(`${name}: ${news.flushed} flushed of ${position}`)
      one.opened = true
      one.sent = position
      one.checked = position
      partFlushed(one, news.flushed)
      toOpen -= 1
      if (toOpen > 0) return
      if (flushes === 0) return store.send({ kind: 'stop' })
      flushCount = 0
      active.forEach(feed)
    }
    const partFlushed = (one: ActiveRecording, position: number) => {
      if (position > one.sent)
        faults.push(`${one.header.recordingId}: ${position} flushed of ${one.sent} sent`)
      acknowledged += Math.max(0, position - one.acknowledged)
      one.acknowledged = Math.max(one.acknowledged, position)
      flushCount += 1
      if (toOpen > 0 || flushes === 0) return
      if (flushCount >= flushes) return store.kill()
      feed(one)
    }
    const parts = all.map(({ header, sealAt, checked }) => ({
      header,
      sealAt,
      checkFrom: checkAll ? 0 : checked,
    }))
    store.send({ kind: 'open', parts })
    const { how, errors } = await store.ended
    if (how.startsWith('exit') && (how !== 'exit 0' || flushes > 0))
      faults.push(`the store ended: ${how} ${errors}`)
    return how
  }

  for (let round = 0; round < setup.rounds && faults.length === 0; round++) {
    // Most processes kill themselves at one of their changes of the disk; the first changes are the start's repair.
    const dieAt = random() < 0.75 ? Math.ceil((60 + setup.active * 6) * random()) : 0
    await live(dieAt, Math.ceil(setup.flushes * (0.2 + random())), false)
    const death = await readFile(noteFile, 'utf8').catch(() => 'killed from outside')
    deaths[death] = (deaths[death] ?? 0) + 1
    finished.push(...active.filter((one) => one.acknowledged > one.sealAt))
    active = active.map((one) => (one.acknowledged > one.sealAt ? begin() : one))
  }
  // Two orderly runs: the first checks recovery from the last kill, the second the orderly stop after it.
  for (let time = 0; time < 2 && faults.length === 0; time++) await live(0, 0, true)
  return { faults, acknowledged, recordings: begun, sealed: finished.length, deaths }
}
