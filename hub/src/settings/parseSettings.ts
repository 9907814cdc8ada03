import path from 'node:path'
import type { z } from 'zod'
import { at, settingFields } from './fields.ts'
import { ninjaoneFault, normalizeNinjaOne } from '../ninjaone/settings.ts'
import { SECRET_SETTINGS, hubSettings, type HubSettings } from './schema.ts'
import { SettingsError, type SettingFault } from './settingsError.ts'

/** Returns the source of a value for the message: 'hub-settings.json', 'environment PORT'. */
export type SourceOf = (key: string) => string

/** Returns the settings with defaults, checked for ranges and contradictions, frozen. Throws a SettingsError with a line for each fault. */
export function parseSettings(value: unknown, sourceOf: SourceOf): HubSettings {
  const parsed = hubSettings.safeParse(value)
  if (!parsed.success) {
    const meanings = new Map(settingFields().map(({ key, description }) => [key, description]))
    const fieldOf = (key: string) =>
      [...meanings.keys()].find((one) => key === one || key.startsWith(`${one}.`)) ?? key
    const lines = parsed.error.issues.map((issue) => {
      const key = issue.path.join('.')
      const field = fieldOf(key)
      const shown = SECRET_SETTINGS.includes(field) ? 'a value that is not shown' : shorten(at(value, key))
      const meaning = meanings.get(field)
      return `Setting ${key} is ${shown} (from ${sourceOf(field)}): ${issue.message}.${meaning ? ` It means: ${meaning}.` : ''}`
    })
    const faults = parsed.error.issues.map((issue) => ({
      key: fieldOf(issue.path.join('.')),
      code: codeOf(issue),
      message: issue.message,
    }))
    throw new SettingsError([...lines, 'docs/settings.md lists what is allowed.'].join('\n'), { faults })
  }
  const settings = normalize(parsed.data)
  const problem = contradiction(settings)
  if (problem) throw new SettingsError(problem.message, { faults: [problem] })
  return deepFreeze(settings)
}

/** zod's code; what a check of ours refuses has a code of its own. */
function codeOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_format') return `invalid_format.${issue.format}`
  const own: unknown = issue.code === 'custom' ? issue.params?.['code'] : undefined
  return typeof own === 'string' ? own : issue.code
}

function shorten(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

/** Addresses in the form that the hub uses: older guides show them with a path, and browsers copy a slash at the end. */
function normalize(settings: HubSettings): HubSettings {
  const { hub, ninjaone, threecx } = settings
  const { callControl } = threecx
  return {
    ...settings,
    hub: hub.publicUrl === undefined ? hub : { ...hub, publicUrl: hub.publicUrl.replace(/\/+$/, '') },
    ninjaone: normalizeNinjaOne(ninjaone),
    threecx:
      callControl.url === undefined
        ? threecx
        : { ...threecx, callControl: { ...callControl, url: new URL(callControl.url).origin } },
  }
}

const isLoopback = (host: string) => ['127.0.0.1', '::1', '[::1]', 'localhost'].includes(host)

/** Link-local addresses serve a machine's own secrets in a cloud; multicast and the unspecified address are no machine. */
function isPbxAddress({ hostname }: URL): boolean {
  return !/^(0\.|169\.254\.|2(2[4-9]|[3-5]\d)\.|\[::\]|\[::ffff:(a9fe|0):|\[fe[89ab]|\[ff)/i.test(hostname)
}

function contradiction(settings: HubSettings): SettingFault | undefined {
  const { tls, listen, folders, ninjaone, threecx, analysis } = settings
  const data = path.resolve(folders.data)
  const secrets = path.resolve(folders.secrets)
  const fault = (key: string, code: string, message: string): SettingFault => ({ key, code, message })
  if (secrets === data || secrets.startsWith(`${data}${path.sep}`))
    return fault(
      'folders.secrets',
      'secrets-inside-data',
      `Setting folders.secrets (${folders.secrets}) lies inside folders.data (${folders.data}): whoever copies the data would copy its key; choose a folder beside it.`,
    )
  if (tls.mode === 'off' && !isLoopback(listen.host) && !tls.behindProxy)
    return fault(
      'tls.mode',
      'tls-off-on-network',
      `Setting tls.mode is "off" while listen.host is "${listen.host}": calls would cross the network in clear; use own-ca, or listen on 127.0.0.1, or name your proxy in tls.behindProxy.`,
    )
  if (tls.mode === 'files' && !(tls.keyFile && tls.certFile))
    return fault(
      'tls.mode',
      'tls-files-not-named',
      'Setting tls.mode is "files": tls.keyFile and tls.certFile must be named.',
    )
  const helpdeskFault = ninjaoneFault(ninjaone, isLoopback)
  if (helpdeskFault) return helpdeskFault
  const pbx = threecx.callControl.url
  if (pbx?.startsWith('http:') && !isLoopback(new URL(pbx).hostname))
    return fault(
      'threecx.callControl.url',
      'threecx-in-clear',
      `Setting threecx.callControl.url (${pbx}) begins with http: its secret would cross the network in clear; write https.`,
    )
  if (pbx && !isPbxAddress(new URL(pbx)))
    return fault(
      'threecx.callControl.url',
      'threecx-no-pbx',
      `Setting threecx.callControl.url (${pbx}) is no address of a PBX: write its https address; addresses that exist on this machine's own network cable only (169.254.…, fe80:…) are refused.`,
    )
  if (analysis.kind === 'llm' && !(analysis.url && analysis.model))
    return fault(
      'analysis.kind',
      'llm-not-named',
      'Setting analysis.kind is "llm": analysis.url and analysis.model must be named.',
    )
  return undefined
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
