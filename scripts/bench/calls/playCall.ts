import path from 'node:path'
import {
  callSnapshot,
  draft as draftSchema,
  utterance as utteranceSchema,
  type Draft,
  type Utterance,
} from '@3cx-ninja/protocol'
import { z } from 'zod'
import { startPart, type Part, type PartLine } from '../../site/part.ts'
import type { Site } from '../../site/site.ts'
import { root } from '../../site/siteState.ts'
import { watchUse } from '../processUse.ts'
import type { CallSound } from './callSound.ts'

/** The measurements of one call through a real headless agent; times are that process's wall clock. */
export interface PlayedCall {
  /** Time from hang-up, as the agent detected it, to its draft with the whole text on the agent. */
  readonly draftMs: number
  readonly transcript: Draft['transcript']
  readonly draft: Draft
  /** Start of the playback: sample 0 was recorded then, or up to 100 ms earlier. */
  readonly playedAtMs: number
  readonly utterances: readonly { readonly utterance: Utterance; readonly atMs: number }[]
  /** CPU seconds per second, and peak memory, while recording. */
  readonly cores: number
  readonly maxRssMB: number
}

export interface PlayNeeds {
  readonly site: Site
  readonly folder: string
  readonly name: string
  readonly call: CallSound
  /** 1 plays in real time; at 8 the clock of the call runs eight times faster. */
  readonly speed: number
}

const OPEN_MS = 30_000
/** Below tickets.maxWaitSeconds, after which a draft arrives without its text: a failure here. */
const DRAFT_MS = 130_000
const BYTES_PER_MB = 1_000_000
const stamped = z.looseObject({ kind: z.string(), atMs: z.number() })

/** Plays one call from ringing to its proposed draft in its own agent. Rejects when no draft arrives. */
export async function playCall({ site, folder, name, call, speed }: PlayNeeds): Promise<PlayedCall> {
  const { key } = await site.enrollmentKey('agent')
  const utterances: { utterance: Utterance; atMs: number }[] = []
  const agent = startPart({
    name,
    args: [
      path.join(root, 'agent/src/main/headless/main.ts'), '--hub', site.hubUrl, '--enrollment-key', key,
      '--data', path.join(folder, name), '--extension', name.replaceAll(/\D/g, '') || '1', '--name', name,
      '--audio', call.file, '--speed', String(speed), '--json',
    ],
    logFile: path.join(folder, 'logs', `${name}.log`),
    input: '',
    onLine(line) {
      if (line.kind === 'utterance')
        utterances.push({ utterance: utteranceSchema.parse(line.utterance), atMs: Number(line.atMs) })
    },
  }) // prettier-ignore
  try {
    await agent.waitFor('connected', (line) => line.kind === 'link' && line.at === 'open', OPEN_MS)
    for (const step of [
      { action: 'ring', number: '+33240112233' },
      { action: 'talk' },
      { after: 'audio', action: 'hang-up' },
    ])
      agent.write(`${JSON.stringify(step)}\n`)
    const talking = await whenCall(agent, 'talking', OPEN_MS)
    const watch = await watchUse(agent.pid)
    const ended = await whenCall(agent, 'wrap-up', (call.seconds / speed) * 1_000 + OPEN_MS)
    const { cores, maxRssBytes } = await watch.end()
    const line = await agent.waitFor('the proposed draft', (one) => isProposed(one), DRAFT_MS)
    const draft = draftSchema.parse(line.draft)
    return {
      draftMs: Number(line.atMs) - ended,
      transcript: draft.transcript,
      draft,
      playedAtMs: talking,
      utterances,
      cores,
      maxRssMB: maxRssBytes / BYTES_PER_MB,
    }
  } finally {
    await agent.kill('SIGTERM')
  }
}

async function whenCall(agent: Part, phase: string, limitMs: number): Promise<number> {
  const line = await agent.waitFor(
    `a call ${phase}`,
    (one) => one.kind === 'call' && callSnapshot.safeParse(one.call).data?.phase === phase,
    limitMs,
  )
  return stamped.parse(line).atMs
}

export function isProposed(line: PartLine): boolean {
  if (line.kind !== 'draft') return false
  return isOffered(draftSchema.parse(line.draft))
}

/** Returns whether a draft is proposed: one that is already on a screen goes into its countdown at once. */
export function isOffered({ state }: Draft): boolean {
  return state.at === 'proposed' || state.at === 'countdown'
}
