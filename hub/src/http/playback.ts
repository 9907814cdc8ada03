import { Hono } from 'hono'
import {
  MAX_RECORDS_PER_ANSWER,
  SECOND_MS,
  agentId as agentIdSchema,
  headerAsSent,
  partNumber,
  position,
  recordingId as recordingIdSchema,
  type Clock,
  type StoredRecording,
  type PlaybackRefusal,
} from '@3cx-ninja/protocol'
import { z } from 'zod'
import { bearerOf, type Access } from '../access/access.ts'
import type { Log } from '../observe/log.ts'
import { firstSequence, framesOf, type ReadFrom } from '../recordings/readOut.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import { createFloodGuards } from '../sockets/floodGuard.ts'
import type { Ownership } from '../sockets/ownership.ts'
import { refuseToken } from '../sockets/refuseToken.ts'
import type { HubEnv, Routes } from './app.ts'
import { createOpenAnswers } from './openAnswers.ts'

/** What playback reads, and the lookups that outlive the call board. */
export interface PlaybackNeeds {
  readonly access: Pick<Access, 'authorize' | 'formerIds' | 'onRevoked'>
  readonly recordings: Pick<RecordingStore, 'state' | 'isErased' | 'openReader' | 'onChange'>
  /** Whose recordings are whose, however old they are. */
  readonly ownership: Pick<Ownership, 'ownerOf' | 'mayPlay'>
  readonly clock: Clock
  readonly log: Log
}

/** How much playback may be under way at once, and how long an answer may be idle, with the reasons. */
export const playbackTuning = {
  /** One to fill the agent's copy, one to play from somewhere else, and what a seeking player has just left behind. */
  answersOfAgent: 4,
  /** All agents together: each holds a batch of a file in memory, a quarter of a megabyte. */
  answersOfAll: 64,
  /** Requests of one agent: filling its copy takes ten a second on a fast line, looking after what it keeps some dozens once. */
  requestsPerSecond: 50,
  /** An answer that is not read for so long is cut; the agent requests the rest from where it is. */
  idleMs: 30 * SECOND_MS,
}

type Refused = Exclude<PlaybackRefusal, 'bad-token' | 'other-role' | 'too-many-attempts'>
const REFUSALS: Readonly<Record<Refused, { status: 400 | 403 | 404 | 410 | 429; message: string }>> = {
  'broken-request': {
    status: 400,
    message: 'This address lacks its shape: update the agent.',
  },
  'not-yours': { status: 403, message: 'This is a recording of another agent.' },
  'unknown-recording': { status: 404, message: 'The hub does not hold this recording.' },
  erased: { status: 410, message: 'This recording was erased on request.' },
  expired: {
    status: 410,
    message: 'This recording was deleted because its time was over (setting retention.audioDays).',
  },
  'too-many': {
    status: 429,
    message: 'Too many recordings are being read at this moment: try again in a few seconds.',
  },
}

const limit = z.coerce.number().pipe(z.int().min(1).max(MAX_RECORDS_PER_ANSWER))
const sample = z
  .int()
  .min(0)
  .max(2 ** 48)
const recordsQuery = z
  .object({
    part: z.coerce.number().pipe(partNumber),
    from: z.coerce.number().pipe(position).optional(),
    sample: z.coerce.number().pipe(sample).optional(),
    limit: limit.default(MAX_RECORDS_PER_ANSWER),
  })
  .refine(({ from, sample: at }) => (from === undefined) !== (at === undefined))

interface Playback extends PlaybackNeeds {
  readonly answers: ReturnType<typeof createOpenAnswers>
  readonly floodGuards: ReturnType<typeof createFloodGuards>
}

/**
 * Returns `GET /api/agent/recordings/…`: an agent plays back its own calls once its copy is gone. An open answer is cut when
 * its agent is revoked or its recording is removed. Rules H1 to H6.
 */
export function playbackRoutes(needs: PlaybackNeeds, tuning = playbackTuning): Routes {
  const { access, clock, recordings, log } = needs
  const answers = createOpenAnswers({
    clock,
    tuning,
    onFailed: ({ recordingId }, error) =>
      log.error({ recordingId, error: String(error) }, 'recording.not-read'),
  })
  access.onRevoked((id) => answers.cut(({ agentId }) => agentId === id))
  recordings.onChange((id) => {
    // An open reader would read on: it has the key, and the file until the reader releases it.
    if (!recordings.state(id)) answers.cut(({ recordingId }) => recordingId === id)
  })
  const floodGuards = createFloodGuards({ clock, perSecond: tuning.requestsPerSecond })
  const playback: Playback = { ...needs, answers, floodGuards }
  const app = new Hono<HubEnv>()
  app.get('/api/agent/recordings/:recordingId', async (c) => {
    const admitted = await admit(playback, c.req.raw.headers, c.env.remoteAddress, c.req.param('recordingId'))
    if (!admitted.ok) return c.json(admitted.body, admitted.status)
    const { recordingId, callId, parts } = admitted.state
    log.info({ agentId: admitted.agentId, recordingId, callId }, 'recording.played-back')
    const stored: StoredRecording = {
      recordingId,
      callId,
      parts: parts.map(({ header, position: at, endSample }) => ({
        header: headerAsSent(header),
        position: at,
        samples: endSample,
      })),
    }
    return c.json(stored, 200, { 'cache-control': 'no-store' })
  })
  app.get('/api/agent/recordings/:recordingId/parts/:part/records', async (c) => {
    const admitted = await admit(playback, c.req.raw.headers, c.env.remoteAddress, c.req.param('recordingId'))
    if (!admitted.ok) return c.json(admitted.body, admitted.status)
    const parsed = recordsQuery.safeParse({ ...c.req.query(), part: c.req.param('part') })
    return parsed.success ? answerRecords(playback, admitted, parsed.data) : answer(refused('broken-request'))
  })
  return app
}

/** Finds the agent that asks and the recording it may play; or why not. */
async function admit(playback: Playback, headers: Headers, address: string, id: string) {
  const { access, floodGuards, recordings } = playback
  const token = await access.authorize('agent', bearerOf(headers), address)
  if (!token.ok) {
    const { status, error, message } = refuseToken(token.reason)
    return { ok: false, status, body: { error, message } } as const
  }
  const agentId = agentIdSchema.parse(token.client.id)
  if (!floodGuards.allows(agentId)) return refused('too-many')
  const parsed = recordingIdSchema.safeParse(id)
  if (!parsed.success) return refused('broken-request')
  const recordingId = parsed.data
  const owner = await playback.ownership.ownerOf(recordingId)
  if (recordings.isErased(recordingId) && (owner?.agentId ?? agentId) === agentId) return refused('erased')
  if (!owner) return refused('unknown-recording')
  const former = owner.agentId === agentId ? [] : await access.formerIds(agentId)
  const ids = [agentId, ...former.map((one) => agentIdSchema.parse(one))]
  if (!(await playback.ownership.mayPlay(ids, owner))) return refused('not-yours')
  const state = recordings.state(recordingId)
  return state ? ({ ok: true, agentId, recordingId, state } as const) : refused('expired')
}

type Admitted = Extract<Awaited<ReturnType<typeof admit>>, { ok: true }>

async function answerRecords(
  { answers, recordings }: Playback,
  { agentId, recordingId, state }: Admitted,
  { part, from, sample: atSample, limit: maxRecords }: z.infer<typeof recordsQuery>,
): Promise<Response> {
  const stored = state.parts.find(({ header }) => header.part === part)
  if (!stored) return answer(refused('unknown-recording'))
  const start: ReadFrom = atSample === undefined ? { sequence: from ?? 0 } : { sample: atSample }
  const slot = answers.open({ agentId, recordingId })
  if (!slot) return answer(refused('too-many'))
  try {
    const reader = await recordings.openReader({ recordingId, part })
    if (!reader) throw new Error('removed meanwhile')
    const first = await firstSequence(reader, start)
    const body = slot.stream(framesOf(reader, first, Math.min(stored.position, first + maxRecords)))
    return new Response(body, {
      headers: { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' },
    })
  } catch (error) {
    slot.release()
    if (!recordings.state(recordingId))
      return answer(refused(recordings.isErased(recordingId) ? 'erased' : 'expired'))
    throw error
  }
}

function refused(error: Refused) {
  const { status, message } = REFUSALS[error]
  return { ok: false, status, body: { error, message } } as const
}
const answer = ({ status, body }: ReturnType<typeof refused>) => Response.json(body, { status })
