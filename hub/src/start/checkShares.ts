import type { HealthPart } from '../http/health.ts'
import type { QuotaUse } from '../recordings/quotas.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { BusyClients, BusyHow } from '../sockets/busyClients.ts'
import type { Drafts } from '../tickets/drafts.ts'

/** What one client may take of the hub, as `/health` shows it. */
export interface SharesNeeds {
  readonly busyClients: Pick<BusyClients, 'list'>
  readonly recordings: Pick<RecordingStore, 'crowded'>
  readonly filing: { readonly drafts: Pick<Drafts, 'crowded'> }
  /** Resolves with the names of the enrolled agents. */
  readonly access: {
    clients(role: 'agent'): Promise<readonly { readonly id: string; readonly name: string }[]>
  }
}

const others = (count: number) => (count > 0 ? ` (and ${count} more)` : '')

const BUSY: Readonly<Record<BusyHow, string>> = {
  flood: 'sent more than a program of ours ever does, and its link was closed',
  behind: 'sends faster than the hub handles its messages, and is read only that fast',
  links: 'opened more links at once than one screen or program does: its token may be in use elsewhere',
}

/** Returns whether a client sends more than its share, and which. */
export function trafficHealth({ busyClients }: Pick<SharesNeeds, 'busyClients'>): HealthPart {
  const [first, ...more] = busyClients.list()
  if (!first) return { name: 'traffic', state: 'ok' }
  const { clientId, role, name, how } = first
  const what = BUSY[how]
  return {
    name: 'traffic',
    state: 'degraded',
    client: { role, id: clientId },
    reason: `one ${role} ${what}${others(more.length)}`,
    detail: `the ${role} '${name}' ${what}${others(more.length)}`,
    remedy: `Check the program on that machine, or revoke its enrollment. Other clients are served in turn.`,
  }
}

/** Resolves with whether the drafts of an agent come near the bound, and of which. Rejects with a DatabaseError. */
export async function draftsHealth({ filing, access }: SharesNeeds): Promise<HealthPart> {
  const [first, ...more] = filing.drafts.crowded()
  if (!first) return { name: 'drafts', state: 'ok' }
  const { agentId, drafts, share } = first
  const agents = await access.clients('agent')
  const name = agents.find(({ id }) => id === agentId)?.name ?? agentId
  const full =
    share >= 1 ? 'no new call of it is accepted' : `${Math.round(share * 100)} % of what the hub keeps`
  return {
    name: 'drafts',
    state: 'degraded',
    client: { role: 'agent', id: agentId },
    reason: `one agent has ${drafts} drafts: ${full}${others(more.length)}`,
    detail: `the agent '${name}' has ${drafts} drafts: ${full}${others(more.length)}`,
    remedy: 'Let the technician file or discard them; until there is room, new calls stay on that PC.',
  }
}

const QUOTAS: Readonly<Record<QuotaUse['kind'], (used: number) => string>> = {
  recordings: (used) => `${used} recordings without an end`,
  parts: (used) => `${used} parts of unfinished recordings`,
  bytesPerDay: (used) => `${Math.round(used / 1e6)} MB of sound today`,
}

/** Resolves with whether an agent comes near one of its quotas, and which. Rejects with a DatabaseError. */
export async function quotasHealth({
  recordings,
  access,
}: Pick<SharesNeeds, 'recordings' | 'access'>): Promise<HealthPart> {
  const [first, ...more] = recordings.crowded()
  if (!first) return { name: 'quotas', state: 'ok' }
  const { agentId, kind, used, share } = first
  const agents = await access.clients('agent')
  const name = agents.find(({ id }) => id === agentId)?.name ?? agentId
  const has = `has ${QUOTAS[kind](used)}, ${Math.round(share * 100)} % of its quota${others(more.length)}`
  return {
    name: 'quotas',
    state: 'degraded',
    client: { role: 'agent', id: agentId },
    reason: `one agent ${has}`,
    detail: `the agent '${name}' ${has}`,
    remedy:
      'Check the program on that machine; its sound waits there at 100 %. Raise the quota (settings, quotas), or delete its recordings on the admin page.',
  }
}
