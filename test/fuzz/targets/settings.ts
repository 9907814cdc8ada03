import fc from 'fast-check'
import { parseSettings } from '../../../hub/src/settings/parseSettings.ts'
import { settingFields } from '../../../hub/src/settings/fields.ts'
import { SettingsError } from '../../../hub/src/settings/settingsError.ts'
import { bytesOf, textOf, type FuzzTarget } from '../fuzzTarget.ts'

const keys = () => settingFields().flatMap(({ key }) => key.split('.'))
const defaults = () => JSON.stringify(parseSettings({}, () => 'a test'))

/** The reader of hub-settings.json and of what the admin page saves: a SettingsError that names the key, or settings. */
export const settings: FuzzTarget = {
  name: 'settings',
  sources:
    /hub\/src\/settings\/|hub\/src\/ninjaone\/settings|zod\/v4\/core\/(schemas|checks|parse|regexes)\.js/,
  seeds: () => ['{}', defaults(), ...sections()].map(bytesOf),
  dictionary: [...new Set(keys())].map((key) => JSON.stringify(key)).concat('null', 'true', '[', ']', '{', '}', ':', ',', '"https://x.example/"', '"*"'), // prettier-ignore
  arbitrary: fc
    .dictionary(fc.constantFrom(...new Set(keys())), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 6 })
    .map((value) => bytesOf(JSON.stringify(value))),
  check(input) {
    const value = jsonOf(textOf(input))
    if (value === undefined) return
    const parsed = outcomeOf(value)
    if (parsed === undefined) return
    const saved = JSON.stringify(parsed)
    if (JSON.stringify(outcomeOf(JSON.parse(saved))) !== saved)
      throw new Error('settings change when they are saved and read again')
  },
}

const sections = () => Object.entries(JSON.parse(defaults()) as object).map((entry) => JSON.stringify(Object.fromEntries([entry]))) // prettier-ignore

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function outcomeOf(value: unknown) {
  try {
    return parseSettings(value, () => 'a test')
  } catch (error) {
    if (error instanceof SettingsError) return undefined
    throw error
  }
}
