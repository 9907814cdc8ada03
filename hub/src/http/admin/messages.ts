import { z } from 'zod'

// What the admin page and the hub say to each other under /api/admin. Pure schemas: the page imports them, too.

/** The three kinds of clients that enroll by a key. */
export const clientRole = z.enum(['agent', 'worker', 'wallboard'])
export type ClientRole = z.infer<typeof clientRole>

/** Begins a session: the code of a one-time link. */
export const sessionRequest = z.object({ once: z.string().min(1).max(200) })
/** A session that began: its CSRF token, and the wall-clock time at which it ends. */
export const sessionAnswer = z.object({ csrf: z.string(), untilMs: z.number() })
/** A one-time link to the admin page, for another administrator. */
export const linkAnswer = z.object({ link: z.string() })
export type SessionAnswer = z.infer<typeof sessionAnswer>

const healthState = z.enum(['ok', 'degraded', 'failed'])
export type HealthState = z.infer<typeof healthState>
/** Whether the helpdesk has an account, and a technician is signed in to it. */
export const helpdeskState = z.enum(['not-configured', 'signed-out', 'signed-in'])

/** The state of the whole hub in one answer; the page requests it every few seconds. */
export const overviewAnswer = z.object({
  hubName: z.string(),
  version: z.string(),
  upMs: z.number(),
  parts: z.array(
    z.object({
      name: z.string(),
      state: healthState,
      reason: z.string().optional(),
      remedy: z.string().optional(),
    }),
  ),
  /** Members connected now, each once. */
  connected: z.object({ agent: z.int(), worker: z.int(), wallboard: z.int() }),
  clients: z.object({ agent: z.int(), worker: z.int(), wallboard: z.int() }),
  slots: z.object({ total: z.int(), taken: z.int(), waiting: z.int() }),
  callsNow: z.int(),
  draftsWaiting: z.int(),
  writes: z.object({ waiting: z.int(), blocked: z.int() }),
  disk: z.object({ freeBytes: z.number(), recordingBytes: z.number(), recordings: z.int() }),
  helpdesk: z.object({ kind: z.string(), name: z.string(), state: helpdeskState }),
  /** Members whose token several programs use in turn, and where. */
  sharedTokens: z.array(z.object({ name: z.string(), locations: z.array(z.string()) })),
  consentConfirmed: z.boolean(),
  /** Settings saved since the start: they count from the next one. */
  restartPending: z.array(z.string()),
})
export type Overview = z.infer<typeof overviewAnswer>

/** What a new enrollment key is for: a role or any, so many days, so many clients. */
export const keyRequest = z.object({
  role: clientRole.nullable(),
  days: z.number().min(0.01).max(3_650).optional(),
  uses: z.int().min(1).max(10_000).optional(),
})
/** A new enrollment key with the hub's address. `key` is shown this once. */
export const keyAnswer = z.object({ key: z.string(), hub: z.string() })
/** The enrollment keys that are not revoked, by the hash of their secret. */
export const keysAnswer = z.array(
  z.object({
    secretHash: z.string(),
    role: clientRole.nullable(),
    createdAtMs: z.number(),
    expiresAtMs: z.number().nullable(),
    usesLeft: z.number().nullable(),
  }),
)
export type EnrollmentKey = z.infer<typeof keysAnswer>[number]

/** What a wallboard's link is for: a new screen, or one of the list that moves to another one. */
export const screenLinkRequest = z.union([
  z.strictObject({ name: z.string().trim().min(1).max(120) }),
  z.strictObject({ id: z.string().min(1).max(64) }),
])

/** The clients that are not revoked, and which of them have a link open. */
export const clientsAnswer = z.array(
  z.object({
    id: z.string(),
    role: clientRole,
    name: z.string(),
    extension: z.string().nullable(),
    email: z.string().nullable(),
    machine: z.string(),
    createdAtMs: z.number(),
    lastSeenMs: z.number(),
    connected: z.boolean(),
    /** From where its newest link came; null: none came since the hub's start. */
    address: z.string().nullable(),
  }),
)
export type Client = z.infer<typeof clientsAnswer>[number]

/** The recordings on the hub by agent, also by agents that were revoked. */
export const agentRecordings = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    isEnrolled: z.boolean(),
    recordings: z.int(),
    unsealed: z.int(),
  }),
)
export type AgentRecordings = z.infer<typeof agentRecordings>

/** Deletes the recordings of an agent; its name confirms that this one is meant. */
export const deleteRecordingsRequest = z.strictObject({ name: z.string() })
/** Answer to that request: how many recordings of the agent were deleted. */
export const deletedRecordings = z.object({ deleted: z.int() })

/** The kind of value of a setting, by which the form chooses its input. */
export const settingShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('flag') }),
  z.object({ kind: z.literal('number'), min: z.number().nullable(), max: z.number().nullable() }),
  z.object({ kind: z.literal('choice'), options: z.array(z.string()) }),
  z.object({ kind: z.literal('text'), maxLength: z.int().nullable() }),
  z.object({ kind: z.literal('list'), maxItems: z.int().nullable() }),
  /** Too rich for a form: in the file only. */
  z.object({ kind: z.literal('other') }),
])
export type SettingShape = z.infer<typeof settingShape>
/** One setting as the form shows it, with its value, source and limits. */
export const settingView = z.object({
  key: z.string(),
  shape: settingShape,
  optional: z.boolean(),
  secret: z.boolean(),
  description: z.string(),
  defaultValue: z.unknown(),
  /** As the next start reads it; of a secret only whether it is set. */
  value: z.unknown(),
  source: z.enum(['default', 'file', 'environment']),
  /** The environment variable that overrides the file. */
  variable: z.string().nullable(),
  /** Saved, and not in effect before the next start. */
  restartPending: z.boolean(),
})
export type SettingView = z.infer<typeof settingView>
/** All settings as the next start reads them, and what of the file or environment has no effect. */
export const settingsAnswer = z.object({
  fields: z.array(settingView),
  unknownKeys: z.array(z.string()),
  withoutEffect: z.array(z.object({ name: z.string(), why: z.string() })),
})
export type SettingsAnswer = z.infer<typeof settingsAnswer>

/** Every refusal; `faults`: which settings are wrong. `code`: for a sentence in the reader's language. */
export const refusalAnswer = z.object({
  error: z.string(),
  message: z.string(),
  faults: z.array(z.object({ key: z.string(), code: z.string(), message: z.string() })).optional(),
})
export type Refusal = z.infer<typeof refusalAnswer>

/** The state of the sign-in to the helpdesk, and the address it must return to. */
export const helpdeskAnswer = z.object({
  /** As in the setting `helpdesk.kind`: which guide the page shows. */
  kind: z.string(),
  name: z.string(),
  state: helpdeskState,
  host: z.string().nullable(),
  /** A person signs in by the browser. */
  signIn: z.boolean(),
  redirectUri: z.string(),
  /** Why the last sign-in since the hub's start failed. */
  lastFailure: z.string().nullable(),
})
export type HelpdeskAnswer = z.infer<typeof helpdeskAnswer>
/** The steps of the test of the helpdesk, up to the first that fails. */
export const helpdeskTestAnswer = z.object({
  ok: z.boolean(),
  steps: z.array(z.object({ step: z.string(), ok: z.boolean(), detail: z.string() })),
})

/** What an administrator enters in the PBX so that it reports calls to this hub. */
export const threecxAnswer = z.object({
  webhookUrl: z.string(),
  secretSet: z.boolean(),
  /** Whose certificate the PBX must trust. */
  certificate: z.enum(['own-ca', 'files', 'off']),
  /** Names only this machine, or only itself: the PBX cannot reach it. */
  isLoopback: z.boolean(),
})
export type Threecx = z.infer<typeof threecxAnswer>

/** One page of the writes and drafts that are not filed, with the reasons. */
export const outboxAnswer = z.object({
  writes: z.array(
    z.object({
      rowId: z.int(),
      callId: z.string(),
      kind: z.enum(['ticket', 'comment']),
      subject: z.string(),
      at: z.enum(['waiting', 'sending', 'settling', 'checking', 'blocked']),
      reason: z.string().nullable(),
      detail: z.string().nullable(),
      attempts: z.int().nullable(),
      dueAtMs: z.number().nullable(),
      /** Since when a stored write may exist that was never confirmed. */
      uncertainSinceMs: z.number().nullable(),
    }),
  ),
  drafts: z.array(
    z.object({
      draftId: z.string(),
      title: z.string(),
      extension: z.string(),
      agentName: z.string().nullable(),
      at: z.string(),
      reason: z.string().nullable(),
      sinceMs: z.number(),
    }),
  ),
  /** On later pages. */
  moreWrites: z.int(),
  moreDrafts: z.int(),
  /** Listed rows of another version of the hub, that this one cannot read. */
  unreadable: z.int(),
})
export type OutboxView = z.infer<typeof outboxAnswer>
