import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { seededRandom } from '../../../recording-log/testing/fakeDisk.ts'
import { startWriterProcess } from '../../../recording-log/testing/writerProcess.ts'
import type { FoundPart, RecorderReport, RecorderOrder } from './recorderProcess.ts'

export interface KillRecorder {
  readonly seed: number
  readonly rounds: number
  /** Calls recorded at once. */
  readonly growing: number
  /** The process is killed after about so many reported writes, unless the process has killed itself before. */
  readonly writes: number
  readonly folder: string
}
export interface KillRecorderEnd {
  /** Each loss, duplicate, mix-up and wrong report, in words. */
  readonly faults: readonly string[]
  readonly written: number
  readonly parts: number
  readonly sealed: number
  readonly deaths: Readonly<Record<string, number>>
}

interface ExpectedPart {
  sent: number
  written: number
  /** `undefined` while no seal was requested. */
  seal: 'requested' | 'reported' | undefined
  /** Position that an earlier start found: a later start must find the same. */
  found: number | undefined
}
interface Expected {
  readonly name: string
  readonly parts: Map<number, ExpectedPart>
  /** The part that grows in the present process. */
  current: ExpectedPart | undefined
}

const RECORDER_PROCESS = path.join(import.meta.dirname, 'recorderProcess.ts')
const WINDOW = 24

/** Kills the agent's real recorder in the middle of its work, again and again, and compares the finds of each next one. */
export async function killRecorder(setup: KillRecorder): Promise<KillRecorderEnd> {
  const random = seededRandom(setup.seed)
  const key = randomBytes(32).toString('hex')
  const noteFile = `${setup.folder}.death`
  const faults: string[] = []
  const deaths: Record<string, number> = {}
  const all = new Map<string, Expected>()
  let begun = 0
  let written = 0
  let sealed = 0
  const begin = (): Expected => {
    begun += 1
    const expected: Expected = {
      name: `recording-${String(begun).padStart(5, '0')}`,
      parts: new Map(),
      current: undefined,
    }
    all.set(expected.name, expected)
    return expected
  }
  let growing = Array.from({ length: setup.growing }, begin)
  const partOf = (expected: Expected, part: number): ExpectedPart => {
    const known = expected.parts.get(part) ?? { sent: 0, written: 0, seal: undefined, found: undefined }
    expected.parts.set(part, known)
    return known
  }

  const compare = (found: readonly FoundPart[]) => {
    const positions = new Map<string, number>()
    for (const one of found) {
      faults.push(...one.faults)
      const expected = all.get(one.name)
      if (!expected) {
        faults.push(`${one.name}: never begun`)
        continue
      }
      const where = `${one.name}/${one.part}`
      const part = partOf(expected, one.part)
      const most = part.sent + (part.seal ? 1 : 0)
      const least = part.written + (part.seal === 'reported' ? 1 : 0)
      if (one.position < least) faults.push(`${where}: ${least} reported, ${one.position} stored`)
      if (one.position > most) faults.push(`${where}: ${most} sent, ${one.position} stored`)
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

  /** Runs one process of the recorder. With `writes` 0 the process only reports its finds and stops in order. */
  const live = async (dieAt: number, writes: number) => {
    for (const expected of all.values()) expected.current = undefined
    let reports = 0
    await rm(noteFile, { force: true })
    const recorder = startWriterProcess<RecorderOrder, RecorderReport>(
      RECORDER_PROCESS,
      [setup.folder, key, String(dieAt), noteFile],
      (report) => {
        if (report.kind === 'opened') return applyOpened(report.parts)
        const expected = all.get(report.name)
        const part = expected?.current
        if (report.kind === 'refused') faults.push(`${report.name}: ${report.detail}`)
        else if (expected && report.kind === 'begun') {
          if (expected.parts.has(report.part)) faults.push(`${report.name}: part ${report.part} begun twice`)
          expected.current = partOf(expected, report.part)
          feed(expected)
        } else if (expected && part) applyReport(expected, part, report)
      },
    )
    const applyOpened = (found: readonly FoundPart[]) => {
      compare(found)
      if (writes === 0) return recorder.send({ kind: 'stop' })
      growing = growing.map((expected) =>
        [...expected.parts.values()].some(({ seal }) => seal === 'reported') ? begin() : expected,
      )
      for (const { name } of growing) recorder.send({ kind: 'begin', name })
    }
    const applyReport = (expected: Expected, part: ExpectedPart, report: RecorderReport) => {
      if (report.kind === 'written') {
        written += report.position - part.written
        part.written = report.position
      } else if (report.kind === 'sealed') {
        part.seal = 'reported'
        sealed += 1
        const next = begin()
        growing = growing.map((each) => (each === expected ? next : each))
        recorder.send({ kind: 'begin', name: next.name })
      }
      reports += 1
      if (reports >= writes) recorder.kill()
      else feed(expected)
    }
    const feed = ({ name, current: part }: Expected) => {
      if (!part || part.seal) return
      if (random() < 0.01) {
        part.seal = 'requested'
        return recorder.send({ kind: 'seal', name })
      }
      while (part.sent < part.written + WINDOW) {
        const count = 1 + Math.floor(random() * 6)
        recorder.send({ kind: 'append', name, from: part.sent, count })
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
  const parts = [...all.values()].reduce((sum, expected) => sum + expected.parts.size, 0)
  return { faults, written, parts, sealed, deaths }
}
