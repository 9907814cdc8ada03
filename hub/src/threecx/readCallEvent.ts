import { numberText } from '@3cx-ninja/phone-numbers/numberText.ts'
import type { Direction } from '@3cx-ninja/protocol'
import type { PbxReport, PbxStart } from '../calls/pbxReport.ts'
import { readReportFields, type ReportField, type ReportFields } from './reportFields.ts'
import { AHEAD_REPORT_MS, durationOf, OLDEST_REPORT_MS, timeOf } from './reportTimes.ts'

/** What a webhook says about a call: that it goes on, that it ended, or what it lacks. */
export type CallEvent =
  | ((
      | { readonly ok: true; readonly kind: 'ended'; readonly report: PbxReport }
      | { readonly ok: true; readonly kind: 'started'; readonly start: PbxStart }
    ) & {
      /** What was read otherwise than it was sent, each as a sentence for the history. */
      readonly remarks: readonly string[]
      /** Names whose value 3CX did not fill in. */
      readonly unfilled: readonly string[]
      /** The sender's own id of the call, which the answer repeats. */
      readonly senderCallId?: string
    })
  | { readonly ok: false; readonly missing: string; readonly unfilled: readonly string[] }

const MISSED = ['missed', 'notanswered', 'unanswered', 'noanswer', 'abandoned']
const TALKING = ['established', 'connected', 'talking', 'answer', 'started', 'start']
const RINGING = ['ringing', 'newcall', 'dialing', 'ring']
const WITHHELD = /^(?:anonymous|anonyme|private|privé|unknown|inconnu|unavailable|withheld|restricted)$/i

/**
 * Reads what 3CX's CRM template, an older JSON template or middleware says about a call. A time outside 31 days back to 15
 * minutes ahead is left out, and the time of arrival stands for it. Never throws: what is missing is named.
 */
export function readCallEvent(body: unknown, nowMs: number): CallEvent {
  const fields = readReportFields(body)
  if (!fields) return { ok: false, missing: 'a JSON object or a form', unfilled: [] }
  const { unfilled } = fields
  // A caller who hung up in the queue reached nobody: the call is the queue's.
  const extension = fields.value('extension')?.text ?? fields.value('queue')?.text
  if (!extension) return { ok: false, missing: 'agentExt (the extension), and has no queue either', unfilled }
  const remarks: string[] = []
  const types = fields.values('type').map(({ text }) => wordOf(text))
  const times = readTimes(fields, { nowMs, remarks })
  const direction = directionOf(types, wordOf(fields.value('direction')?.text))
  const senderCallId = fields.value('callId')?.text.slice(0, 128)
  const caller = {
    extension: extension.slice(0, 32).toWellFormed(),
    direction,
    ...partyOf(fields, direction),
    ...(senderCallId === undefined ? {} : { senderCallId }),
  }
  const about = { remarks, unfilled, ...(senderCallId === undefined ? {} : { senderCallId }) }
  if (isStart(types, times)) {
    const startedAtMs = times.startedAtMs ?? nowMs
    const state =
      isAny(types, RINGING) && !isAny(types, TALKING) ? ('ringing' as const) : ('talking' as const)
    return { ok: true, kind: 'started', start: { ...caller, state, startedAtMs }, ...about }
  }
  const { startedAtMs, endedAtMs } = spanOf(times, { nowMs, remarks })
  const report = {
    ...caller,
    missed: isAny(types, MISSED),
    endedAtMs,
    isEndReported: times.endedAtMs !== undefined,
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
  }
  return { ok: true, kind: 'ended', report, ...about }
}

interface Times {
  readonly startedAtMs: number | undefined
  readonly endedAtMs: number | undefined
  readonly durationMs: number | undefined
  /** The report names an end, if only one that cannot be its time. */
  readonly namesEnd: boolean
  readonly namesStart: boolean
}
interface Reading {
  readonly nowMs: number
  readonly remarks: string[]
}

function readTimes(fields: ReportFields, reading: Reading): Times {
  // One template writes all its times alike: where one name says UTC and its value names no zone, the others are UTC too.
  const areUtc = [...fields.values('started'), ...fields.values('ended')].some(({ zone }) => zone === 'utc')
  const bounded = (field: ReportField) => {
    for (const { text, zone } of fields.values(field)) {
      const ms = timeOf(text, zone === 'utc' || (zone === 'unsaid' && areUtc))
      if (ms === undefined) continue
      if (ms >= reading.nowMs - OLDEST_REPORT_MS && ms <= reading.nowMs + AHEAD_REPORT_MS) return ms
      reading.remarks.push(`${field} '${text.slice(0, 40)}' cannot be its time: the time of arrival counts`)
    }
    return undefined
  }
  const duration = fields.values('duration').flatMap(({ text }) => durationOf(text) ?? [])[0]
  if (duration === undefined && fields.value('duration'))
    reading.remarks.push(`duration '${fields.value('duration')?.text.slice(0, 40) ?? ''}' is none`)
  return {
    startedAtMs: bounded('started'),
    endedAtMs: bounded('ended'),
    durationMs: duration,
    namesEnd: fields.value('ended') !== undefined,
    namesStart: fields.value('started') !== undefined,
  }
}

/**
 * A start never ends a call: a report that says so by its word, or that names a start and no end. `Missed` and
 * `Notanswered` are over whatever else they lack.
 */
function isStart(types: readonly string[], { namesEnd, namesStart, durationMs }: Times): boolean {
  if (isAny(types, MISSED)) return false
  if (isAny(types, TALKING) || isAny(types, RINGING)) return true
  const lacksEnd = !namesEnd && !durationMs
  return lacksEnd && (namesStart || types.includes('answered'))
}

const isAny = (types: readonly string[], words: readonly string[]) =>
  types.some((type) => words.includes(type))

function spanOf(
  { startedAtMs, endedAtMs, durationMs }: Times,
  { nowMs, remarks }: Reading,
): { readonly startedAtMs: number | undefined; readonly endedAtMs: number } {
  const ended = endedAtMs ?? nowMs
  if (startedAtMs === undefined)
    return { endedAtMs: ended, startedAtMs: durationMs === undefined ? undefined : ended - durationMs }
  if (startedAtMs <= ended) return { startedAtMs, endedAtMs: ended }
  remarks.push('the start is after the end: only the end counts')
  return { startedAtMs: undefined, endedAtMs: ended }
}

const wordOf = (text = '') => text.toLowerCase().replace(/[^a-z]/g, '')

function directionOf(types: readonly string[], direction: string): Direction {
  if (isAny(types, ['outbound', 'notanswered', 'outgoing', 'dialing'])) return 'outbound'
  if (isAny(types, ['inbound', 'missed', 'incoming', 'abandoned'])) return 'inbound'
  if (['outbound', 'outgoing', 'out'].includes(direction)) return 'outbound'
  if (['inbound', 'incoming', 'in'].includes(direction)) return 'inbound'
  if (direction === 'internal') return 'internal'
  return types.includes('unanswered') ? 'outbound' : 'unknown'
}

/** Returns number and name of the other side; a withheld caller has neither, and an address holds both. */
function partyOf(fields: ReportFields, direction: Direction): Pick<PbxReport, 'remoteNumber' | 'remoteName'> {
  const other = direction === 'outbound' ? 'callee' : 'caller'
  const written = fields.value('number')?.text ?? fields.value(other)?.text ?? ''
  const remoteNumber = numberText(written)?.slice(0, 64).toWellFormed()
  const shown = /^\s*"?([^"<>]*?)"?\s*</.exec(written)?.[1]?.trim()
  const name = (fields.value('name')?.text ?? shown ?? '').slice(0, 160).toWellFormed()
  const remoteName = name === '' || WITHHELD.test(name) ? undefined : name
  return { ...(remoteNumber ? { remoteNumber } : {}), ...(remoteName ? { remoteName } : {}) }
}
