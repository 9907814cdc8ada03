import { z } from 'zod'
import { NINJAONE_ENVIRONMENT } from '../ninjaone/settings.ts'
import { settingFields, unwrap } from './fields.ts'

interface Variable {
  readonly name: string
  /** Unit of the variable where the setting counts seconds. */
  readonly unit?: 'minutes'
}

/** Environment variables that override a setting: ours first, then those of both older generations. The first one set wins. */
export const ENVIRONMENT: Readonly<Record<string, readonly Variable[]>> = {
  'hub.publicUrl': [{ name: 'PUBLIC_URL' }],
  'hub.announce': [{ name: 'ENABLE_DISCOVERY' }, { name: 'ENABLE_BROADCAST' }],
  'hub.logLevel': [{ name: 'LOG_LEVEL' }],
  'listen.host': [{ name: 'HOST' }],
  'listen.port': [{ name: 'PORT' }],
  'folders.data': [{ name: 'HUB_DATA' }],
  'folders.secrets': [{ name: 'HUB_SECRETS' }],
  language: [{ name: 'WHISPER_LANGUAGE' }],
  'tickets.parkAfterSeconds': [{ name: 'DRAFT_EXPIRATION_MINUTES', unit: 'minutes' }],
  ...NINJAONE_ENVIRONMENT,
  'retention.audioDays': [{ name: 'AUDIO_RETENTION_DAYS' }],
  'retention.transcriptDays': [{ name: 'TRANSCRIPT_RETENTION_DAYS' }],
  'threecx.webhookSecret': [{ name: 'WEBHOOK_SECRET' }, { name: 'API_KEY' }],
}

/** Variables of older generations that have no effect here, each with the reason; a start logs those that are set. */
export const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  ADMIN_PASSWORD: 'there is no default password: start with --admin-link',
  ADMIN_SECRET: 'sessions need no secret of their own',
  JWT_SECRET: 'sessions need no secret of their own',
  ENCRYPTION_KEY: 'the master key lies in folders.secrets',
  NINJA_REFRESH_TOKEN: 'sign in on the admin page; refresh tokens rotate and live in the database',
  DATABASE_URL: 'the hub keeps its own SQLite database in folders.data',
  DATABASE_PATH: 'the hub keeps its own SQLite database in folders.data',
  REDIS_URL: 'no Redis is needed',
  REDIS_HOST: 'no Redis is needed',
  WEBSOCKET_PORT: 'everything uses the one port of listen.port',
  AUDIO_STORAGE_PATH: 'recordings lie in folders.data',
  UPLOAD_PATH: 'recordings lie in folders.data',
  WHISPER_MODEL: 'the worker has its own settings',
  WHISPER_MODEL_PATH: 'the worker has its own settings',
  WHISPER_MAX_CONCURRENT: 'the worker has its own settings',
  PBX_URL: 'calls are noticed by the agents; the PBX may report them by the webhook',
  DOMAIN: 'name the address in PUBLIC_URL, the names in tls.names',
}

export interface Override {
  readonly key: string
  readonly name: string
  /** A number or a boolean where the setting is one and the text can be read as one; else the text, for the schema to refuse. */
  readonly value: unknown
}

/** Returns the settings that the environment overrides. An empty variable counts as unset: service managers leave such variables. */
export function readOverrides(
  environment: Readonly<Record<string, string | undefined>>,
): readonly Override[] {
  const fields = new Map(settingFields().map(({ key, schema }) => [key, unwrap(schema)]))
  return Object.entries(ENVIRONMENT).flatMap(([key, variables]) => {
    const variable = variables.find(({ name }) => environment[name]?.trim())
    const text = variable && environment[variable.name]?.trim()
    if (!variable || !text) return []
    return [{ key, name: variable.name, value: convert(text, fields.get(key), variable.unit) }]
  })
}

function convert(text: string, schema: z.ZodType | undefined, unit: Variable['unit']): unknown {
  if (schema instanceof z.ZodBoolean && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  if (!(schema instanceof z.ZodNumber) || !/^-?\d+(\.\d+)?$/.test(text)) return text
  return Number(text) * (unit === 'minutes' ? 60 : 1)
}
