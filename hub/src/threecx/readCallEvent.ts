import { z } from 'zod'
import type { Direction } from '@3cx-ninja/protocol'
import type { PbxReport } from '../calls/joinCall.ts'

const text = z
  .union([z.string(), z.number()])
  .transform((value) => String(value).trim())
  // an unknown variable of 3CX arrives empty, or as its own name in brackets
  .transform((value) => (value === '' || /^\[.*\]$/.test(value) ? undefined : value.slice(0, 400)))
  .optional()
  .catch(undefined)

/** Field names of our CRM template, of other templates seen in the field, and of the older generations of this product. */
const NAMES = {
  type: ['callType', 'call_type', 'CallType', 'status'],
  direction: ['direction', 'CallDirection', 'callDirection'],
  number: ['number', 'Number'],
  caller: ['caller'],
  callee: ['callee'],
  name: ['name', 'Name'],
  extension: ['agentExt', 'agent', 'Agent', 'agentExtension'],
  duration: ['durationSeconds', 'duration', 'Duration'],
  started: ['startTime', 'start_utc', 'startTimeUtc', 'CallStartTimeUTC'],
  ended: ['endUtc', 'end_utc', 'endTimeUtc', 'CallEndTimeUTC'],
} as const
const fields = z.record(z.string().max(64), z.unknown())

/** The PBX's report of a call that ended, or what it lacks. */
export type CallEvent =
  { readonly ok: true; readonly report: PbxReport } | { readonly ok: false; readonly missing: string }

/**
 * Reads what 3CX's CRM template (or an older JSON template) says about a call that ended. Times default to now. Never
 * throws: what is missing is named.
 */
export function readCallEvent(body: unknown, nowMs: number): CallEvent {
  const parsed = fields.safeParse(body)
  if (!parsed.success) return { ok: false, missing: 'a JSON object' }
  const read = (name: keyof typeof NAMES) =>
    NAMES[name].map((key) => text.parse(parsed.data[key])).find((value) => value !== undefined)
  const extension = read('extension')
  if (!extension) return { ok: false, missing: 'agentExt (the extension)' }
  const type = (read('type') ?? '').toLowerCase()
  const direction = directionOf(type, (read('direction') ?? '').toLowerCase())
  const remoteNumber = read('number') ?? (direction === 'outbound' ? read('callee') : read('caller'))
  const remoteName = read('name')
  const endedAtMs = timeOf(read('ended')) ?? nowMs
  const durationMs = durationOf(read('duration'))
  const startedAtMs =
    timeOf(read('started')) ?? (durationMs === undefined ? undefined : endedAtMs - durationMs)
  return {
    ok: true,
    report: {
      extension: extension.slice(0, 32),
      direction,
      missed: ['missed', 'notanswered', 'unanswered'].includes(type),
      endedAtMs,
      ...(startedAtMs === undefined ? {} : { startedAtMs }),
      ...(remoteNumber ? { remoteNumber: remoteNumber.slice(0, 64) } : {}),
      ...(remoteName ? { remoteName: remoteName.slice(0, 160) } : {}),
    },
  }
}

function directionOf(type: string, direction: string): Direction {
  const word = ['outbound', 'notanswered', 'unanswered'].includes(type)
    ? 'outbound'
    : ['inbound', 'missed'].includes(type)
      ? 'inbound'
      : direction
  return word === 'inbound' || word === 'outbound' ? word : 'unknown'
}

function timeOf(value: string | undefined): number | undefined {
  if (!value || !/^\d{4}-\d{2}-\d{2}T/.test(value)) return undefined // other writings depend on the PBX's culture
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : ms
}

/** '272', '00:04:32', '1.00:04:32' in ms. */
function durationOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Math.round(Number(value) * 1_000)
  const match = /^(?:(\d+)\.)?(?:(\d{1,2}):)?(\d{1,2}):(\d{2})$/.exec(value)
  if (!match) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part || 0))
  return ((days * 24 + hours) * 3_600 + minutes * 60 + seconds) * 1_000
}
