import { parseJson } from '@3cx-ninja/protocol'
import { draftRecord } from '../tickets/draftRecord.ts'
import type { FiledTicket } from './wallboardPrivacy.ts'

interface FiledStore {
  run(
    name: 'tickets.filedSince',
    input: { fromMs: number },
  ): Promise<readonly { readonly draftJson: string }[]>
}

/** Resolves with the tickets filed since `fromMs`, so that the wallboard shows them after a restart of the hub. Rejects with a DatabaseError. */
export async function readFiledTickets(store: FiledStore, fromMs: number): Promise<readonly FiledTicket[]> {
  const rows = await store.run('tickets.filedSince', { fromMs })
  return rows.flatMap(({ draftJson }) => {
    const parsed = draftRecord.safeParse(parseJson(draftJson))
    if (!parsed.success || parsed.data.lifecycle.state.at !== 'filed') return []
    const { draft, call, lifecycle } = parsed.data
    if (lifecycle.state.at !== 'filed') return []
    const { ticketId, filedAtMs } = lifecycle.state
    return [
      {
        callId: draft.callId,
        ticketId,
        title: draft.fields.title,
        priority: draft.fields.priority,
        filedAtMs,
        ...(draft.fields.organizationName ? { organizationName: draft.fields.organizationName } : {}),
        ...(call.agentName ? { agentName: call.agentName } : {}),
      },
    ]
  })
}
