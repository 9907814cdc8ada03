import fc from 'fast-check'
import { readCallEvent } from '../../../hub/src/threecx/readCallEvent.ts'
import { readReportBody } from '../../../hub/src/threecx/reportBody.ts'
import { AHEAD_REPORT_MS, OLDEST_REPORT_MS } from '../../../hub/src/threecx/reportTimes.ts'
import { bytesOf, type FuzzTarget } from '../fuzzTarget.ts'

const NOW_MS = Date.UTC(2026, 11, 1, 12)
const CONTENT_TYPES = [
  undefined,
  'application/json',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'text/plain; charset=windows-1252',
]
const NAMES = [
  'callType', 'number', 'name', 'agentExt', 'AgentEmail', 'durationSeconds', 'duration', 'startTime', 'endUtc', 'EndTimeUTC', 'direction',
  'queue', 'callId', 'RecordingUrl', 'wav', 'status',
] // prettier-ignore
const VALUES = ['201', '+33240112233', 'Established', 'Missed', '00:04:32', '1.00:00:05', 'PT4M32S', '2026-12-01T11:58:00', '0001-01-01T00:00:00Z', '272.5', '2720000000', '[CallType]', 'anonymous', '"DUPONT" <sip:0240112233@pbx>'] // prettier-ignore

const report = (fields: object) => bytesOf(JSON.stringify(fields))
const form = (fields: Record<string, string>) => bytesOf(new URLSearchParams(fields).toString())

/** The reader of webhooks: any bytes, of any content type, give a report within bounds, or what it lacks; never an exception. */
export const callEvents: FuzzTarget = {
  name: 'callEvents',
  sources: /hub\/src\/threecx\/(readCallEvent|reportBody|reportFields|reportTimes)\.ts|phone-numbers\/src\//,
  seeds: () => [
    report({ agentExt: '201', number: '+33240112233', durationSeconds: 272, endUtc: '2026-12-01T11:58:00' }),
    report({ agent: '201', status: 'Established', startTime: '2026-12-01T11:58:00Z', callId: 'a-1' }),
    report({ agentExt: '[AgentExt]', queue: '800', callType: 'Missed', duration: 'PT4M32.5S' }),
    form({ agentExt: '201', number: '02 40 11 22 33', endUtc: '2026-12-01 11:58:00', duration: '00:04:32' }),
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('{"agentExt":"201"}', 'utf16le')]),
    Buffer.from('{"agentExt":"201","name":"Ren\xe9e"}', 'latin1'),
  ],
  dictionary: [...NAMES, ...VALUES].map((word) => JSON.stringify(word)).concat('{', '}', '[', ']', ':', ',', '&', '=', '%2B', '\ufeff'), // prettier-ignore
  arbitrary: fc
    .dictionary(fc.constantFrom(...NAMES), fc.oneof(fc.constantFrom(...VALUES), fc.jsonValue({ maxDepth: 1 })), { maxKeys: 8 })
    .map(report), // prettier-ignore
  async check(input) {
    for (const type of CONTENT_TYPES) {
      const event = readCallEvent(await readReportBody(input, type), NOW_MS)
      if (!event.ok) continue
      const caller = event.kind === 'ended' ? event.report : event.start
      const times =
        event.kind === 'ended'
          ? [event.report.startedAtMs, event.report.endedAtMs]
          : [event.start.startedAtMs]
      for (const atMs of times)
        if (atMs !== undefined && !(Number.isInteger(atMs) && atMs >= NOW_MS - 2 * OLDEST_REPORT_MS && atMs <= NOW_MS + AHEAD_REPORT_MS))
          throw new Error(`a time outside its bounds: ${atMs}`) // prettier-ignore
      if (caller.extension.length === 0 || caller.extension.length > 32)
        throw new Error('an extension of a wrong length')
      if ((caller.remoteNumber?.length ?? 0) > 64 || (caller.remoteName?.length ?? 0) > 160)
        throw new Error('a number or name that no message may carry')
    }
  },
}
