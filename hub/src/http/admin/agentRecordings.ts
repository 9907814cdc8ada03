import { Hono } from 'hono'
import type { AgentId } from '@3cx-ninja/protocol'
import type { Access } from '../../access/access.ts'
import type { Log } from '../../observe/log.ts'
import type { RecordingStore } from '../../recordings/recordingStore.ts'
import type { HubEnv, Routes } from '../app.ts'
import { readJson } from '../readJson.ts'
import { deleteRecordingsRequest, type AgentRecordings } from './messages.ts'

/** Whose recordings there are, and what deletes them. */
export interface AgentRecordingsNeeds {
  readonly access: Pick<Access, 'clients' | 'nameOf'>
  readonly recordings: Pick<RecordingStore, 'list' | 'remove'>
  readonly log: Log
}

/**
 * Returns the routes that list the recordings on the hub by agent, revoked agents too, and that delete the sound of one agent. What is
 * deleted is never taken again; transcripts, drafts and tickets stay.
 */
export function agentRecordingsRoutes({ access, recordings, log }: AgentRecordingsNeeds): Routes {
  const app = new Hono<HubEnv>()
  app.get('/api/admin/agents/recordings', async (c) => {
    const counts = new Map<AgentId, { recordings: number; unsealed: number }>()
    for (const { agentId, sealed } of recordings.list()) {
      if (agentId === undefined) continue
      const count = counts.get(agentId) ?? { recordings: 0, unsealed: 0 }
      counts.set(agentId, count)
      count.recordings += 1
      if (!sealed) count.unsealed += 1
    }
    const enrolled = new Set((await access.clients('agent')).map(({ id }) => id))
    const all = await Promise.all(
      [...counts].map(async ([id, count]) => ({
        id,
        name: (await access.nameOf(id)) ?? id,
        isEnrolled: enrolled.has(id),
        ...count,
      })),
    )
    return c.json(all.sort((a, b) => b.recordings - a.recordings) satisfies AgentRecordings)
  })
  app.post('/api/admin/agents/:id/delete-recordings', async (c) => {
    const id = c.req.param('id')
    const name = (await access.nameOf(id)) ?? id
    const request = deleteRecordingsRequest.safeParse(await readJson(c))
    if (!request.success || request.data.name !== name)
      return c.json(
        { error: 'not-confirmed', message: 'The body must be {"name": the name of the agent}: it confirms.' },
        400,
      )
    const own = recordings.list().filter(({ agentId }) => agentId === id)
    log.warn({ agentId: id, recordings: own.length }, 'admin.recordings-deletion-begun')
    for (const { recordingId } of own) await recordings.remove(recordingId, 'erased')
    log.warn({ agentId: id, recordings: own.length }, 'admin.recordings-deleted')
    return c.json({ deleted: own.length })
  })
  return app
}
