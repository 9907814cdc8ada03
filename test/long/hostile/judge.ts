import type { Figures } from './runKind.ts'

/** An honest agent's slowest percent may take five times as long as in quiet, and 100 ms in any case. */
const ANSWER_TIMES = 5
const ANSWER_MS = 100
const CALL_MS = 2_000
const MEMORY_TIMES = 2

/** Returns what an attack did to honest clients that it may not do; nothing where all promises hold. */
export function harmOf(figures: Figures, quiet: Figures): readonly string[] {
  const answerLimitMs = Math.max(ANSWER_MS, ANSWER_TIMES * quiet.answerP99Ms)
  return [
    figures.hubEnded === undefined ? '' : `the hub ended (${figures.hubEnded})`,
    figures.closed > 0 ? `${figures.closed} honest links closed` : '',
    figures.lost > 0 ? `${figures.lost} honest frames without acknowledgement` : '',
    figures.answerP99Ms > answerLimitMs ? `acknowledgement p99 ${figures.answerP99Ms.toFixed(0)} ms` : '',
    figures.callStoredMs === Infinity ? 'a call never stored' : '',
    Number.isFinite(figures.callStoredMs) && figures.callStoredMs > CALL_MS
      ? `a call stored after ${(figures.callStoredMs / 1_000).toFixed(1)} s`
      : '',
    figures.maxRssMb > MEMORY_TIMES * quiet.maxRssMb ? `memory ${figures.maxRssMb.toFixed(0)} MB` : '',
  ].filter(Boolean)
}

export const rowOf = (name: string, { answerP99Ms, callStoredMs, maxRssMb, attemptsPerSecond }: Figures, harm: readonly string[]): string =>
  `| ${name} | ${attemptsPerSecond.toFixed(0)} | ${answerP99Ms.toFixed(0)} | ${Number.isFinite(callStoredMs) ? callStoredMs.toFixed(0) : '–'} | ${maxRssMb.toFixed(0)} | ${harm.join('; ') || 'none'} |` // prettier-ignore

export const TABLE_HEAD = [
  '| attack | attempts/s | acknowledgement p99, ms | slowest call, ms | memory, MB | harm |',
  '| --- | ---: | ---: | ---: | ---: | --- |',
]
