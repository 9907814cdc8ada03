import { isCountry } from '@3cx-ninja/phone-numbers/country.ts'
import { MAX_OPT_OUTS, optOutExtension, optOutNumber } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { NINJAONE_SECRETS, ninjaoneSettings } from '../ninjaone/settings.ts'

const seconds = (min: number, max: number) => z.int().min(min).max(max)
const days = z.int().min(0).max(3_650)

/** What is told of an address without https://, which otherwise passes: 'hub.lan:3000' is a URL of the scheme 'hub.lan'. */
const WHOLE_ADDRESS = 'write the whole address, such as https://hub.example.lan:3000'

/** 'UK' was accepted once: no national number was recognized, every caller was unknown, and nothing said so. */
const NO_COUNTRY =
  'allowed are the countries of ISO 3166 in two capital letters, such as FR, BE, CH, LU, MC, RE or GB (for the United Kingdom)'

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
          'Address by which agents, workers and NinjaOne sign-in reach the hub, if it differs from listen',
        ),
      announce: z
        .boolean()
        .default(true)
        .describe('Announced on the local network by mDNS, so that agents find the hub; not on loopback'),
      logLevel: z
        .enum(['debug', 'info', 'warn', 'error'])
        .default('info')
        .describe('How much the hub writes to its log'),
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
        .describe('The one port for everything; 0 takes any free port'),
    })
    .prefault({}),
  tls: z
    .object({
      mode: z
        .enum(['own-ca', 'files', 'off'])
        .default('own-ca')
        .describe(
          'own-ca: certificates of a small authority of the hub; files: the company’s; off: only on loopback or behind behindProxy',
        ),
      keyFile: z.string().optional().describe('With files: private key, PEM'),
      certFile: z
        .string()
        .optional()
        .describe(
          'With files: certificate with its chain up to the root of its authority, which agents and workers pin, PEM. Behind a proxy: the proxy’s',
        ),
      names: z
        .array(z.string().min(1).max(253))
        .max(50)
        .default([])
        .describe('Further host names and addresses that the hub’s own certificate shall bear'),
      behindProxy: z
        .string()
        .optional()
        .describe('Address of the reverse proxy that does TLS; allows off on a network address'),
    })
    .prefault({}),
  folders: z
    .object({
      data: z.string().min(1).default('data/hub').describe('Database and recordings'),
      secrets: z
        .string()
        .min(1)
        .default('data/hub-secrets')
        .describe(
          'Master key and certificate authority; must not lie inside data, and belongs into the backup',
        ),
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
    .describe('Names and products that are likely in calls, for the speech engine'),
  recording: z
    .object({
      consent: z
        .object({
          confirmed: z
            .boolean()
            .default(false)
            .describe('An administrator has confirmed the rule below: nothing is recorded before'),
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
            .describe('Why calls may be recorded; stored with each recording'),
          ruleVersion: z.int().min(0).default(0).describe('Raise it when the rule changes'),
          text: z.string().max(4_000).default('').describe('The rule in words, shown to technicians'),
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
      countdownSeconds: seconds(5, 120).default(15).describe('From the visible draft to filing'),
      onCountdownEnd: z
        .enum(['file', 'hold'])
        .default('file')
        .describe('What happens when nobody touches the draft'),
      undoSeconds: seconds(0, 60).default(5).describe('How long a decision can be taken back'),
      maxWaitSeconds: seconds(0, 3_600)
        .default(60)
        .describe('How long a draft waits for its transcript after hang-up'),
      parkAfterSeconds: seconds(30, 86_400)
        .default(300)
        .describe('A held or unseen draft is parked after this, and stays fileable'),
      settleSeconds: seconds(0, 3_600)
        .default(60)
        .describe('After an unknown outcome: wait this long, then look for the ticket before sending again'),
      fileUnattended: z.boolean().default(false).describe('File drafts that no technician saw'),
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
      webhookSecret: z
        .string()
        .max(200)
        .optional()
        .describe(
          'Bearer token that the PBX’s CRM template sends; the webhook answers 401 while it is empty',
        ),
      callControl: z
        .object({
          url: z
            .url({ protocol: /^https?$/, error: WHOLE_ADDRESS })
            .optional()
            .describe(
              'Address of the web console of a 3CX V20 with an Enterprise license, to hear calls while they go on; off while it is empty',
            ),
          clientId: z
            .string()
            .max(64)
            .optional()
            .describe(
              'API client of the PBX with the right Call Control and the technicians’ extensions; for the hub alone',
            ),
          clientSecret: z.string().max(400).optional().describe('Its key (never shown again)'),
          caFile: z
            .string()
            .max(400)
            .optional()
            .describe('Authority of the PBX’s certificate where the public ones do not know it, PEM'),
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
      timeoutSeconds: seconds(1, 120).default(8).describe('With llm: rules take over after this'),
    })
    .prefault({}),
  dispatch: z
    .object({
      leaseSeconds: seconds(2, 60)
        .default(4)
        .describe('A worker that is silent for so long loses its calls to another'),
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
  retention: z
    .object({
      audioDays: days.default(30).describe('Recordings are deleted after this; 0: as soon as transcribed'),
      transcriptDays: days.default(90).describe('Transcripts are deleted after this'),
    })
    .prefault({}),
})
export type HubSettings = z.infer<typeof hubSettings>

/** Values that are never shown or logged. */
export const SECRET_SETTINGS: readonly string[] = [
  ...NINJAONE_SECRETS,
  'threecx.webhookSecret',
  'threecx.callControl.clientSecret',
]
