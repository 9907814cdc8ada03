import { isCountry } from '@3cx-ninja/phone-numbers/country.ts'
import { MAX_OPT_OUTS, count, optOutExtension, optOutNumber } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { NINJAONE_SECRETS, ninjaoneSettings } from '../ninjaone/settings.ts'
import { quotaSettings } from './quotas.ts'

const seconds = (min: number, max: number) => z.int().min(min).max(max)
const days = z.int().min(0).max(3_650)

/** Fault of an address without https://, which the schema alone would accept: 'hub.lan:3000' is a URL of the scheme 'hub.lan'. */
const WHOLE_ADDRESS = 'write the whole address, such as https://hub.example.lan:3000'

/** 'UK' was accepted once: no national number was recognized, every caller was unknown, and nothing said so. */
const NO_COUNTRY =
  'allowed are the countries of ISO 3166 in two capital letters, such as FR, BE, CH, LU, MC, RE or GB (for the United Kingdom)'

/** A secret that stands alone between the network and the hub: nobody guesses 32 random characters, and anybody guesses a word. */
const longSecret = (make: string) =>
  z
    .string()
    .max(200)
    .refine((secret) => secret.length >= SHORTEST_SECRET, {
      error: `it has fewer than ${SHORTEST_SECRET} characters and could be guessed: ${make}`,
      params: { code: 'short-secret' },
    })
const SHORTEST_SECRET = 32

/** `hub-settings.json`. Each field's description goes into docs/settings.md; units stand in the names. */
export const hubSettings = z.object({
  version: z.literal(1).default(1).describe('Version of this file; upgraded by the hub'),
  hub: z
    .object({
      name: z
        .string()
        .min(1)
        .max(120)
        .default('3CX-Ninja Realtime')
        .describe('Name that agents and the wallboard show'),
      publicUrl: z
        .url({ protocol: /^https?$/, error: WHOLE_ADDRESS })
        .optional()
        .describe(
          'Address by which agents, workers and the helpdesk’s sign-in reach the hub, if it differs from listen',
        ),
      announce: z
        .boolean()
        .default(true)
        .describe('Announce the hub on the local network (mDNS) so that agents find it; ignored on loopback'),
      logLevel: z
        .enum(['debug', 'info', 'warn', 'error'])
        .default('info')
        .describe('Lowest level written to the log'),
      metricsToken: longSecret('make one with “npm run hub -- --new-secret”')
        .optional()
        .describe(
          'Bearer token, at least 32 characters, that /metrics then requires; /health shows names of clients to its bearer',
        ),
    })
    .prefault({}),
  listen: z
    .object({
      host: z.string().min(1).default('0.0.0.0').describe('Address to listen on'),
      port: z
        .int()
        .min(0)
        .max(65_535)
        .default(3000)
        .describe('TCP port for HTTP, sockets and pages; 0: any free port'),
    })
    .prefault({}),
  tls: z
    .object({
      mode: z
        .enum(['own-ca', 'files', 'off'])
        .default('own-ca')
        .describe(
          'own-ca: the hub issues its certificate from its own CA; files: a certificate of the company; off: no TLS, only on loopback or with behindProxy',
        ),
      keyFile: z.string().optional().describe('With files: private key, PEM'),
      certFile: z
        .string()
        .optional()
        .describe(
          'With files: certificate with its full chain up to the root CA, PEM; agents and workers pin the root. Behind a proxy: the proxy’s certificate',
        ),
      names: z
        .array(z.string().min(1).max(253))
        .max(50)
        .default([])
        .describe('Extra names for the hub’s certificate (SAN)'),
      behindProxy: z
        .string()
        .optional()
        .describe('Address of the reverse proxy that terminates TLS; allows mode off on a network address'),
    })
    .prefault({}),
  folders: z
    .object({
      data: z.string().min(1).default('data/hub').describe('Database and recordings'),
      secrets: z
        .string()
        .min(1)
        .default('data/hub-secrets')
        .describe('Master key and CA; must not be inside folders.data, and must be backed up separately'),
    })
    .prefault({}),
  language: z
    .string()
    .regex(/^([a-z]{2,3}|auto)$/)
    .default('fr')
    .describe(
      'Language of the calls: fr, en … or auto. Tickets are written in French for fr and auto, else in English',
    ),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .refine(isCountry, { error: NO_COUNTRY, params: { code: 'unknown-country' } })
    .default('FR')
    .describe('Country of telephone numbers without an international prefix, in two capital letters'),
  vocabulary: z
    .string()
    .max(1_000)
    .default('')
    .describe('Names and products likely in calls: hints for the speech engine'),
  recording: z
    .object({
      consent: z
        .object({
          confirmed: z
            .boolean()
            .default(false)
            .describe('An administrator confirmed the consent rule; no call is recorded before that'),
          basis: z
            .enum([
              'announcement',
              'contract',
              'verbal',
              'legitimate-interest',
              'not-required',
              'demonstration',
            ])
            .default('announcement')
            .describe('Legal basis of the recording; stored with each recording'),
          ruleVersion: count.default(0).describe('Version of the rule; increase it when the text changes'),
          text: z.string().max(4_000).default('').describe('Text of the rule, shown to technicians'),
        })
        .prefault({}),
      optOut: z
        .object({
          extensions: z
            .array(optOutExtension)
            .max(MAX_OPT_OUTS)
            .default([])
            .describe('Extensions that are never recorded'),
          numbers: z
            .array(optOutNumber)
            .max(MAX_OPT_OUTS)
            .default([])
            .describe('Callers that are never recorded'),
        })
        .prefault({}),
    })
    .prefault({}),
  tickets: z
    .object({
      countdownSeconds: seconds(5, 120).default(15).describe('Seconds from the visible draft to filing'),
      onCountdownEnd: z
        .enum(['file', 'hold'])
        .default('file')
        .describe('What happens at the end of the countdown: file the ticket, or hold the draft'),
      undoSeconds: seconds(0, 60).default(5).describe('Seconds in which a decision can be undone'),
      maxWaitSeconds: seconds(0, 3_600)
        .default(60)
        .describe('Maximum wait for the transcript after hang-up; then the draft is proposed without it'),
      parkAfterSeconds: seconds(30, 86_400)
        .default(300)
        .describe('A held or unseen draft is parked after this time; it can still be filed'),
      settleSeconds: seconds(0, 3_600)
        .default(60)
        .describe('Wait after an unknown outcome, before the hub searches for the ticket and retries'),
      fileUnattended: z.boolean().default(false).describe('File drafts that no technician has seen'),
      maskPersonal: z
        .boolean()
        .default(false)
        .describe(
          'Mask telephone numbers (except their last two digits), social security numbers, e-mail addresses and dates of birth in drafts and tickets; wallboards always do',
        ),
    })
    .prefault({}),
  helpdesk: z
    .object({
      kind: z
        .enum(['ninjaone', 'none'])
        .default('ninjaone')
        .describe('Helpdesk that gets the tickets; none: drafts are shown and no ticket is filed'),
    })
    .prefault({}),
  ninjaone: ninjaoneSettings.prefault({}),
  threecx: z
    .object({
      webhookSecret: longSecret(
        'make one with “npm run hub -- --new-secret”, or with the button of the section 3CX on the admin page, and put it into the CRM template, too',
      )
        .optional()
        .describe(
          'Bearer token sent by the PBX’s CRM template, at least 32 characters; the webhook answers 401 while it is empty',
        ),
      callControl: z
        .object({
          url: z
            .url({ protocol: /^https?$/, error: WHOLE_ADDRESS })
            .optional()
            .describe(
              'Web console of a 3CX V20 with an Enterprise license, to follow calls live; off while it is empty',
            ),
          clientId: z
            .string()
            .max(64)
            .optional()
            .describe(
              'API client of the PBX with the right Call Control and the technicians’ extensions; used by this hub only',
            ),
          clientSecret: z.string().max(400).optional().describe('Its key (never shown again)'),
          caFile: z
            .string()
            .max(400)
            .optional()
            .describe('CA of the PBX’s certificate when it is not a public one, PEM'),
        })
        .prefault({}),
    })
    .prefault({}),
  analysis: z
    .object({
      kind: z
        .enum(['rules', 'llm'])
        .default('rules')
        .describe('rules: built in; llm: a local chat endpoint, rules when it fails'),
      url: z
        .url({ protocol: /^https?$/, error: WHOLE_ADDRESS })
        .optional()
        .describe('With llm: OpenAI-compatible base address on your network'),
      model: z.string().max(120).default('').describe('With llm: model name'),
      timeoutSeconds: seconds(1, 120).default(8).describe('With llm: timeout; the rules answer after it'),
    })
    .prefault({}),
  dispatch: z
    .object({
      leaseSeconds: seconds(2, 60)
        .default(4)
        .describe('Lease of a call: after this silence of a worker, another worker gets the call'),
    })
    .prefault({}),
  wallboard: z
    .object({
      names: z
        .enum(['full', 'first', 'hidden'])
        .default('full')
        .describe(
          'Names of callers on wallboards: full; first: the first name; hidden: none. Numbers are masked always',
        ),
    })
    .prefault({}),
  quotas: quotaSettings.prefault({}),
  retention: z
    .object({
      audioDays: days
        .default(30)
        .describe('Days until recordings are deleted; 0: as soon as they are transcribed'),
      transcriptDays: days.default(90).describe('Days until transcripts are deleted'),
    })
    .prefault({}),
})
export type HubSettings = z.infer<typeof hubSettings>

/** Keys whose values are never shown or logged. */
export const SECRET_SETTINGS: readonly string[] = [
  ...NINJAONE_SECRETS,
  'hub.metricsToken',
  'threecx.webhookSecret',
  'threecx.callControl.clientSecret',
]
