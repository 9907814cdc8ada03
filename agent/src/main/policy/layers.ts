import { z } from 'zod'
import { joinPhonePrograms, parsePhonePrograms } from '../../ipc/phoneProgramList.ts'
import { describeWrongEntry, settingsSchema, type GivenValues } from '../process/settings.ts'

const { version: _version, ...settable } = settingsSchema.shape
/** What an administrator may set: every setting, and the key that enrolls new PCs without a person at them. */
const managed: Readonly<Record<string, z.ZodType>> = { ...settable, enrollmentKey: z.string().max(400) }

export interface ManagedValues {
  readonly values: GivenValues
  readonly enrollmentKey?: string
  /** Values that are not used, for the log: `name: why`. */
  readonly ignored: readonly string[]
}

/** Names by their lower-case form: administrators write them in any case. */
const names = new Map(Object.keys(managed).map((name) => [name.toLowerCase(), name]))

/** Returns a value as text: several texts (REG_MULTI_SZ, a list in a file) become lines; policy editors give numbers for digits. */
function textOf(raw: unknown): unknown {
  if (Array.isArray(raw) && raw.every((each) => typeof each === 'string')) return joinPhonePrograms(raw)
  return typeof raw === 'number' ? String(raw) : raw
}

/** Returns the right entries of the list; a wrong one is reported and does not spoil the others. */
function rightEntries(raw: unknown, report: (why: string) => void): unknown {
  const value = textOf(raw)
  if (typeof value !== 'string') return value
  const { lines, wrong } = parsePhonePrograms(value)
  for (const each of wrong) report(describeWrongEntry(each))
  return joinPhonePrograms(lines)
}

/** Returns every value that is right; a wrong one is listed in `ignored` and omitted, so that a typing mistake stops no PC. */
export function readManaged(given: Readonly<Record<string, unknown>>): ManagedValues {
  const ignored: string[] = []
  const kept: Record<string, string> = {}
  for (const [written, raw] of Object.entries(given)) {
    const name = names.get(written.toLowerCase())
    const value =
      name === 'phonePrograms' ? rightEntries(raw, (why) => ignored.push(`${written}: ${why}`)) : textOf(raw)
    const parsed = name === undefined ? undefined : managed[name]?.safeParse(value)
    if (!name || !parsed) ignored.push(`${written}: no such setting`)
    else if (!parsed.success || typeof value !== 'string')
      ignored.push(`${written}: ${parsed.error?.issues[0]?.message ?? 'a text is needed'}`)
    else if (value !== '') kept[name] = value
  }
  const { enrollmentKey, ...values } = kept
  return { values, ignored, ...(enrollmentKey ? { enrollmentKey } : {}) }
}
