import { z } from 'zod'

/**
 * Names of one fact, without case and separators ('agentExt', 'AgentEXT', 'agent_ext' are one): of our CRM template, of other
 * templates seen in the field, and of the older generations of this product. Those that say UTC are read as UTC.
 */
const NAMES = {
  type: ['calltype', 'status', 'callstatus', 'callstate', 'state', 'event', 'eventtype'],
  direction: ['direction', 'calldirection'],
  number: ['number', 'remotenumber', 'phonenumber', 'phone', 'externalnumber', 'contactnumber'],
  caller: ['caller', 'callernumber', 'callerid', 'from'],
  callee: ['callee', 'callednumber', 'calleenumber', 'destination', 'to'],
  name: ['name', 'callername', 'contactname', 'remotename', 'displayname'],
  extension: ['agentext', 'agentextension', 'agent', 'agentnumber', 'extension', 'ext', 'agentdn', 'dn'],
  queue: ['queue', 'queueextension', 'queuenumber', 'queueext'],
  email: ['agentmail', 'agentemail', 'email', 'useremail'],
  firstName: ['agentfirst', 'agentfirstname'],
  lastName: ['agentlast', 'agentlastname'],
  duration: ['durationseconds', 'duration', 'durationtimespan', 'callduration', 'totalseconds'],
  started: ['starttime', 'startutc', 'starttimeutc', 'callstarttimeutc', 'startedat', 'starttimelocal', 'startlocal', 'callstarttimelocal', 'callstarttime', 'datetime'], // prettier-ignore
  established: ['establishedutc', 'establishedtimeutc', 'callestablishedtimeutc', 'establishedtime', 'answeredat', 'answertime'], // prettier-ignore
  ended: ['endutc', 'endtime', 'endtimeutc', 'callendtimeutc', 'endedat', 'endtimelocal', 'endlocal', 'callendtimelocal', 'callendtime'], // prettier-ignore
  callId: ['callid', 'externalcallid', 'uniqueid', 'calluuid', 'uuid', 'historyid', 'cdrid'],
  recording: ['wav', 'recordingurl', 'recording', 'recordinghyperlink'],
  transcript: ['transcription', 'transcript'],
  summary: ['summary'],
} as const
/** Name of a fact in a webhook, whatever the sender calls it. */
export type ReportField = keyof typeof NAMES

/** Empty values of these are a fault of the template; the others are empty in many an honest call. */
const ALWAYS_FILLED: readonly ReportField[] = ['type', 'extension', 'number', 'started', 'ended', 'duration']
const MAX_FIELDS = 200
const MAX_VALUE = 400

/** One value of a report: its text, and the zone that the name says in which it came. */
export interface ReportValue {
  readonly text: string
  readonly zone: 'utc' | 'local' | 'unsaid'
}

/** The values of one report, and the names whose value was missing. */
export interface ReportFields {
  /** Returns the first value of this fact that is not missing. */
  value(field: ReportField): ReportValue | undefined
  /** Returns every value of this fact that is not missing, the first name first. */
  values(field: ReportField): readonly ReportValue[]
  /** Names, as they were sent, whose value 3CX did not fill in: empty, or still in square brackets. */
  readonly unfilled: readonly string[]
}

const objectOfAnything = z.record(z.string(), z.unknown())

/** Returns the fields of a report; undefined for a body that is no object. Never throws. */
export function readReportFields(body: unknown): ReportFields | undefined {
  const parsed = objectOfAnything.safeParse(body)
  if (!parsed.success) return undefined
  const found = new Map<string, ReportValue>()
  const unfilled: string[] = []
  for (const [name, value] of Object.entries(parsed.data).slice(0, MAX_FIELDS)) {
    const key = name.toLowerCase().replace(/[^a-z0-9]/g, '')
    const field = fieldOf(key)
    const text = textOf(value)
    if (field === undefined || text === undefined) continue
    if (!isMissing(text)) {
      if (!found.has(key)) found.set(key, { text, zone: zoneOf(key) })
    } else if (text !== '' || ALWAYS_FILLED.includes(field)) unfilled.push(name.slice(0, 64))
  }
  const values = (field: ReportField) => NAMES[field].flatMap((key) => found.get(key) ?? [])
  return { value: (field) => values(field)[0], values, unfilled }
}

const zoneOf = (key: string): ReportValue['zone'] =>
  key.includes('utc') ? 'utc' : key.includes('local') ? 'local' : 'unsaid'

const fields = new Map<string, ReportField>(
  Object.entries(NAMES).flatMap(
    ([field, keys]) => keys.map((key) => [key, field as ReportField] as const), // the keys of the table above
  ),
)
const fieldOf = (key: string) => fields.get(key)

/** Text without control characters: a line break in a name would begin a line of its own in a ticket or in the log. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  return String(value)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, MAX_VALUE)
    .toWellFormed()
}

/** An unknown variable of 3CX arrives empty, or as its own name in brackets, with or without the method that formats it. */
const isMissing = (text: string) => text === '' || /^\[.*\]$/.test(text) || /^(?:null|undefined)$/i.test(text)
