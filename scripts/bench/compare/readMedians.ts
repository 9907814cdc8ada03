import { z } from 'zod'
import type { Median } from '../row.ts'
import { captureMedians } from '../rows/capture.ts'
import { startMedians } from '../rows/hubStart.ts'
import { ingestMedians } from '../rows/ingest.ts'
import { liveMedians } from '../rows/live.ts'

const numbers = z.array(z.number())
const median = z.object({
  what: z.string(),
  unit: z.string(),
  value: z.number(),
  better: z.enum(['lower', 'higher']),
})
const report = z.object({
  failed: z.array(z.string()),
  rows: z.array(z.object({ name: z.string(), medians: z.array(median).optional(), figures: z.unknown() })),
})

/** Figures in the form of commits up to c088722, whose reports contain no medians. */
const oldFigures = {
  start: z.object({ readyMs: numbers }).transform(({ readyMs }) => startMedians(readyMs)),
  capture: z
    .object({
      agent: z.object({
        cpu: z.number(),
        children: z.number(),
        memory: z.object({ peakMb: z.number() }),
      }),
      lost: z.number(),
    })
    .transform(({ agent: { cpu, children, memory }, lost }) =>
      captureMedians({ cores: cpu + children, peakMb: memory.peakMb, lost }),
    ),
  live: z
    .object({
      draftMs: numbers,
      words: z.array(
        z.object({
          finalMs: numbers,
          onsetMs: numbers,
          shownWords: z.number(),
          survivingWords: z.number(),
        }),
      ),
      agents: z.array(z.object({ cores: z.number(), maxRssMB: z.number() })),
    })
    .transform(liveMedians),
  ingest: z
    .array(
      z.object({
        run: z.object({
          server: z.enum(['relay', 'stored', 'hub']),
          agents: z.number(),
          flushDelayMs: z.number(),
        }),
        level: z.object({
          answer: z.object({ p50: z.number() }),
          cores: z.number(),
          maxRssMB: z.number(),
          sent: z.number(),
          acknowledged: z.number(),
        }),
      }),
    )
    .transform(ingestMedians),
} as const

/** The compared rows; `long` is not one of them: it takes minutes and repeats the figures of `live`. */
export const COMPARED_ROWS = Object.keys(oldFigures) as (keyof typeof oldFigures)[]
export type ComparedRow = (typeof COMPARED_ROWS)[number]

/** Returns the row's medians from a report of any commit. Throws when the row failed, is absent, or has other figures. */
export function readMedians(text: string, name: ComparedRow): readonly Median[] {
  const { failed, rows } = report.parse(JSON.parse(text))
  if (failed.includes(name)) throw new Error(`The row ${name} failed.`)
  const row = rows.find((one) => one.name === name)
  if (!row) throw new Error(`The report has no row ${name}.`)
  return row.medians ?? oldFigures[name].parse(row.figures)
}
