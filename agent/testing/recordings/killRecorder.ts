import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { seededRandom } from '../../../recording-log/testing/fakeDisk.ts'
import { startWriterProcess } from '../../../recording-log/testing/writerProcess.ts'
import type { FoundPart, RecorderNews, RecorderOrder } from './recorderProcess.ts'

export interface KillRecorder {
  readonly seed: number
  readonly rounds: number
  /** Calls recorded at once. */
  readonly growing: number
  /** The process is killed when about so many writes were told, if it did not kill itself before. */
  readonly writes: number
  readonly folder: string
}
export interface KillRecorderEnd {
  /** Whatever was lost, doubled, mixed up or wrongly told, in words. */
  readonly faults: readonly string[]
  readonly written: number
  readonly parts: number
  readonly sealed: number
  readonly deaths: Readonly<Record<string, number>>
}

interface SaidPart {
  sent: number
  written: number
  /** undefined: not asked for. */
  seal: 'requested' | 'reported' | undefined
  /** What an earlier start found: it may never change again. */
  found: number | undefined
}
interface Said {
  readonly name: string
  readonly parts: Map<number, SaidPart>
  /** The part that grows in this life. */
  current: SaidPart | undefined
}

const RECORDER_PROCESS = path.join(import.meta.dirname, 'recorderProcess.ts')
const WINDOW = 24

/** Kills the agent's real recorder in the middle of its work, again and again, and compares what each next one finds. */
export async function killRecorder(setup: KillRecorder): Promise<KillRecorderEnd> {
  const random = seededRandom(setup.seed)
  const key = randomBytes(32).toString('hex')
  const noteFile = `${setup.folder}.death`
  const faults: string[] = []
  const deaths: Record<string, number> = {}
  const all = new Map<string, Said>()
  let begun = 0
  let written = 0
  let sealed = 0
  const begin = (): Said => {
    begun += 1
    const said: Said = {
      name: `recording-${String(begun).padStart(5, '0')}`,
      parts: new Map(),
      current: undefined,
    }
    all.set(said.name, said)
    return said
  }
  let growing = Array.from({ length: setup.growing }, begin)
  const partOf = (said: Said, part: number): SaidPart => {
    const known = said.parts.get(part) ?? { sent: 0, written: 0, seal: undefined, found: undefined }
    said.parts.set(part, known)
    return known
  }

  const compare = (found: readonly FoundPart[]) => {
    const positions = new Map<string, number>()
    for (const one of found) {
      faults.push(...one.faults)
      const said = all.get(one.name)
      if (!said) {
        faults.push(`${one.name}: never begun`)
        continue
      }
      const where = `${one.name}/${one.part}`
      const part = partOf(said, one.part)
      const most = part.sent + (part.seal ? 1 : 0)
      const least = part.written + (part.seal === 'reported' ? 1 : 0)
      if (one.position < least) faults.push(`${where}: ${least} told, ${one.position} held`)
      if (one.position > most) faults.push(`${where}: ${most} given, ${one.position} held`)
      if (part.found !== undefined && part.found !== one.position)
        faults.push(`${where}: ${part.found} at one start, ${one.position} at a later one`)
      if (part.seal === 'reported' && !one.sealed) faults.push(`${where}: its seal is lost`)
      const before = positions.get(`${one.name}/${one.part - 1}`) ?? 0
      if (one.previousPosition !== before)
        faults.push(`${where}: names ${one.previousPosition} for the part before, which has ${before}`)
      positions.set(where, one.position)
      part.found = one.position
      if (one.sealed && part.seal !== 'reported') {
        part.seal = 'reported'
        sealed += 1
      }
    }
    for (const { name, parts } of all.values())
      for (const number of parts.keys())
        if (!positions.has(`${name}/${number}`)) faults.push(`${name}/${number}: gone`)
  }

  /** One life of the recorder. `writes` 0: it looks, and stops in order. */
  const live = async (dieAt: number, writes: number) => {
    for (const said of all.values()) said.current = undefined
    let told = 0
    await rm(noteFile, { force: true })
    const recorder = startWriterProcess<RecorderOrder, RecorderNews>(
      RECORDER_PROCESS,
      [setup.folder, key, String(dieAt), noteFile],
      (news) => {
        if (news.told === 'opened') return hearOpened(news.parts)
        const said = all.get(news.name)
        const part = said?.current
        if (news.told === 'refused') faults.push(`${news.name}: ${news.detail}`)
        else if (said && news.told === 'begun') {
          if (said.parts.has(news.part)) faults.push(`${news.name}: part ${news.part} begun twice`)
          said.current = partOf(said, news.part)
          feed(said)
        } else if (said && part) hear(said, part, news)
      },
    )
    const hearOpened = (found: readonly FoundPart[]) => {
      compare(found)
      if (writes === 0) return recorder.send({ do: 'stop' })
      growing = growing.map((said) =>
        [...said.parts.values()].some(({ seal }) => seal === 'reported') ? begin() : said,
      )
      for (const { name } of growing) recorder.send({ do: 'begin', name })
    }
    const hear = (said: Said, part: SaidPart, news: RecorderNews) => {
      if (news.told === 'written') {
        written += news.position - part.written
        part.written = news.position
      } else if (news.told === 'sealed') {
        part.seal = 'reported'
        sealed += 1
        const next = begin()
        growing = growing.map((each) => (each === said ? next : each))
        recorder.send({ do: 'begin', name: next.name })
      }
      told += 1
      if (told >= writes) recorder.kill()
      else feed(said)
    }
    const feed = ({ name, current: part }: Said) => {
      if (!part || part.seal) return
      if (random() < 0.01) {
        part.seal = 'requested'
        return recorder.send({ do: 'seal', name })
      }
      while (part.sent < part.written + WINDOW) {
        const count = 1 + Math.floor(random() * 6)
        recorder.send({ do: 'append', name, from: part.sent, count })
        part.sent += count
      }
    }
    const { how, errors } = await recorder.ended
    if (how.startsWith('exit') && (how !== 'exit 0' || writes > 0))
      faults.push(`the recorder ended: ${how} ${errors}`)
  }

  for (let round = 0; round < setup.rounds && faults.length === 0; round++) {
    const dieAt = random() < 0.75 ? Math.ceil((20 + setup.growing * 40) * random()) : 0
    await live(dieAt, Math.ceil(setup.writes * (0.2 + random())))
    const death = await readFile(noteFile, 'utf8').catch(() => 'killed from outside')
    deaths[death] = (deaths[death] ?? 0) + 1
  }
  if (faults.length === 0) await live(0, 0)
  const parts = [...all.values()].reduce((sum, said) => sum + said.parts.size, 0)
  return { faults, written, parts, sealed, deaths }
}
