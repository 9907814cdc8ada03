import { z } from 'zod'
import type { SettingFault } from '../settings/settingsError.ts'

// The group `ninjaone` of hub-settings.json, and everything else that the settings know of NinjaOne. Imports no other
// settings: settings/schema.ts joins the groups.

/** Schema of the group `ninjaone`; parses to defaults when nothing is set, and no ticket is filed then. */
export const ninjaoneSettings = z.object({
  host: z
    .url({ protocol: /^https?$/, error: 'write the whole address, such as https://eu.ninjarmm.com' })
    .optional()
    .describe(
      'Address of your NinjaOne region: https://eu.ninjarmm.com, or app, us2, ca, oc instead of eu. No ticket is filed while it is empty',
    ),
  clientId: z
    .string()
    .max(200)
    .optional()
    .describe('Client ID of an API client app, platform Web, grants Authorization Code and Refresh Token'),
  clientSecret: z.string().max(400).optional().describe('Secret of the client app (never shown again)'),
  organizationId: z
    .int()
    .optional()
    .describe(
      'Id of the organization that gets the tickets of unknown callers; without it they wait for a choice',
    ),
  ticketFormId: z.int().default(1).describe('Id of the ticket form for new tickets'),
  statusName: z
    .string()
    .max(80)
    .default('NEW')
    .describe('Status of new tickets, by its system name in NinjaOne'),
  boardName: z
    .string()
    .max(160)
    .default('All tickets')
    .describe(
      'Board that lists all tickets with their tags; searched after an unknown outcome, before a retry',
    ),
  requestsPerSecond: z.int().min(1).max(50).default(5).describe('Maximum requests per second'),
})
export type NinjaOneSettings = z.infer<typeof ninjaoneSettings>

/** Keys whose values are never shown on a page or logged. */
export const NINJAONE_SECRETS: readonly string[] = ['ninjaone.clientSecret']

/** Environment variables that override a setting of this group; the first one set wins. */
export const NINJAONE_ENVIRONMENT = {
  'ninjaone.host': [{ name: 'NINJA_API_URL' }, { name: 'NINJAONE_INSTANCE_URL' }],
  'ninjaone.clientId': [{ name: 'NINJA_CLIENT_ID' }, { name: 'NINJAONE_CLIENT_ID' }],
  'ninjaone.clientSecret': [{ name: 'NINJA_CLIENT_SECRET' }, { name: 'NINJAONE_CLIENT_SECRET' }],
  'ninjaone.requestsPerSecond': [{ name: 'NINJAONE_RATE_LIMIT' }],
} as const

/** Returns the settings with the bare address of the instance: older guides give it with a path. */
export function normalizeNinjaOne<Settings extends Pick<NinjaOneSettings, 'host'>>(
  settings: Settings,
): Settings {
  return settings.host === undefined ? settings : { ...settings, host: new URL(settings.host).origin }
}

/** Returns what the schema cannot see: an address that would send the secret in clear over the network. */
export function ninjaoneFault(
  { host }: Pick<NinjaOneSettings, 'host'>,
  isLoopback: (host: string) => boolean,
): SettingFault | undefined {
  if (!host?.startsWith('http:') || isLoopback(new URL(host).hostname)) return undefined
  return {
    key: 'ninjaone.host',
    code: 'ninjaone-in-clear',
    message: `Setting ninjaone.host (${host}) begins with http: its secret would cross the network in clear; write https.`,
  }
}
