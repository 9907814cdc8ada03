import type { BlockReason } from '@3cx-ninja/protocol'
import type { LeaseEnd } from '../dispatch/leaseMachine.ts'
import type { Dispatcher } from '../dispatch/ports.ts'
import type { HealthPart } from '../http/health.ts'
import type { DiskFault } from '../recordings/diskFault.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { Retention } from '../retention/retention.ts'
import type { SettingsStore } from '../settings/readSettings.ts'
import { locationText, type SharedTokens } from '../sockets/sharedTokens.ts'
import type { Certificates } from '../tls/certificates.ts'
import { draftsHealth, quotasHealth, trafficHealth, type SharesNeeds } from './checkShares.ts'
import type { Filing } from './openFiling.ts'

/** Below this a morning of calls may fill the disk: 1,000 calls of 10 minutes take about 2 GB. */
const LOW_DISK_BYTES = 1_000_000_000

/** The remedy of each kind of block. Every blocked write is also tried again by itself. */
const UNBLOCK: Readonly<Record<BlockReason, string>> = {
  'sign-in': 'Sign in to the helpdesk as a technician on the admin page; tickets wait.',
  permission: 'Give the signed-in technician the right to create tickets there, or sign in as another one.',
  mapping: 'Correct the helpdesk settings that the reason names, or the draft; then the ticket goes out.',
  rejected: 'Correct the draft on the agent, and file it again.',
}

/** What a worker does wrong, by the end of its leases. */
const LOST: Partial<Record<LeaseEnd, string>> = {
  unanswered: 'does not answer when it is offered calls',
  expired: 'stopped renewing its calls',
  stuck: 'renews its calls but takes no sound of them',
  returned: 'gives its calls back',
  unfinished: 'ends its calls before their end',
}

/** The parts whose state `/health` shows. */
export interface HealthNeeds extends SharesNeeds {
  readonly settings: Pick<SettingsStore, 'current'>
  readonly recordings: Pick<RecordingStore, 'usage' | 'room' | 'crowded'>
  readonly diskFault: () => DiskFault | undefined
  /** Writes to the database; rejects when the database cannot be written. */
  readonly probe: () => Promise<void>
  /** Returns the damage that the nightly check of the database found. */
  readonly damage: () => HealthPart | undefined
  readonly dispatcher: Pick<Dispatcher, 'slots' | 'failing'>
  readonly filing: Pick<Filing, 'helpdesk' | 'outbox' | 'drafts'>
  readonly certificates: Pick<Certificates, 'health'>
  readonly sharedTokens: Pick<SharedTokens, 'list'>
  readonly retention: Pick<Retention, 'health'>
  /** Returns the health of the PBX's connection; undefined: no PBX is set. */
  readonly threecx: () => HealthPart | undefined
  /** Returns what the process itself runs short of. */
  readonly load: () => readonly HealthPart[]
}

/**
 * Checks each part: resolves with its state, what is wrong and what a person can do. Never rejects: a check that fails itself
 * is a failed part.
 */
export async function checkHealth(needs: HealthNeeds): Promise<readonly HealthPart[]> {
  const failed =
    (name: string) =>
    (error: unknown): HealthPart => ({
      name,
      state: 'failed',
      reason: error instanceof Error ? error.message : String(error),
      remedy: 'See the log of the hub.',
    })
  const [disk, database, helpdesk, drafts, quotas] = await Promise.all([
    diskHealth(needs).catch(failed('disk')),
    databaseHealth(needs).catch(failed('database')),
    helpdeskHealth(needs).catch(failed('helpdesk')),
    draftsHealth(needs).catch(failed('drafts')),
    quotasHealth(needs).catch(failed('quotas')),
  ])
  const certificate = { name: 'certificate', ...needs.certificates.health() }
  const retention = { name: 'retention', ...needs.retention.health() }
  const pbx = needs.threecx()
  const rest = [
    ...(pbx ? [pbx] : []),
    certificate,
    consentHealth(needs),
    enrollmentsHealth(needs),
    retention,
    drafts,
    quotas,
    trafficHealth(needs),
    ...needs.load(),
  ]
  return [disk, database, workersHealth(needs), helpdesk, ...rest]
}

async function diskHealth({ recordings, diskFault }: HealthNeeds): Promise<HealthPart> {
  const fault = diskFault()
  if (fault) return { name: 'disk', state: 'failed', reason: fault.detail, remedy: fault.remedy }
  const { freeBytes, unflushedBytes } = await recordings.usage()
  const reserveBytes = recordings.room()?.reserveBytes ?? 0
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
  const reason = `${megabytes(freeBytes)} free, of them ${megabytes(reserveBytes)} kept from recordings, ${unflushedBytes} bytes to flush`
  // Four fifths of what recordings may take are used up a quarter above the reserve.
  if (freeBytes >= Math.max(LOW_DISK_BYTES, reserveBytes * 1.25)) return { name: 'disk', state: 'ok', reason }
  return {
    name: 'disk',
    state: 'degraded',
    reason,
    remedy: 'Free space in folders.data, or lower retention.audioDays.',
  }
}

async function databaseHealth({ probe, damage }: HealthNeeds): Promise<HealthPart> {
  const damaged = damage()
  if (damaged) return damaged
  await probe()
  return { name: 'database', state: 'ok' }
}

function workersHealth({ dispatcher }: HealthNeeds): HealthPart {
  const { total, waiting } = dispatcher.slots()
  const [worst, ...more] = dispatcher.failing()
  if (worst && worst.how !== 'gone' && total > 0) {
    const others = more.length > 0 ? ` (and ${more.length} more)` : ''
    const what = `${LOST[worst.how] ?? 'lost its calls'}${others}; ${total} slots, ${waiting} recordings waiting`
    return {
      name: 'workers',
      state: 'degraded',
      client: { role: 'worker', id: worst.workerId },
      reason: `one worker ${what}`,
      detail: `the worker '${worst.name}' ${what}`,
      remedy: 'Its calls went to other workers, and it is asked last. See its log; restart or stop it.',
    }
  }
  if (total > 0)
    return { name: 'workers', state: 'ok', reason: `${total} slots, ${waiting} recordings waiting` }
  return {
    name: 'workers',
    state: 'degraded',
    reason: `no worker is connected, ${waiting} recordings waiting`,
    remedy: 'Start a worker; recordings wait for it.',
  }
}

async function helpdeskHealth({ filing: { helpdesk, outbox } }: HealthNeeds): Promise<HealthPart> {
  const part = { name: 'helpdesk', state: 'degraded' } as const
  const state = await helpdesk.state()
  if (state === 'not-configured') return { ...part, reason: 'not configured', remedy: helpdesk.setUp }
  if (state === 'signed-out')
    return {
      ...part,
      reason: `nobody is signed in to ${helpdesk.name}`,
      remedy: 'Sign in on the admin page; tickets wait.',
    }
  const [blocked, ...more] = outbox.blocked()
  if (!blocked) return { name: 'helpdesk', state: 'ok', reason: `${outbox.waiting()} writes waiting` }
  const others = more.reduce((sum, { count }) => sum + count, 0)
  return {
    ...part,
    reason: `${blocked.count} tickets or comments wait for a person: ${blocked.detail}${others > 0 ? ` (${others} more for other reasons)` : ''}`,
    remedy: UNBLOCK[blocked.reason],
  }
}

function consentHealth({ settings }: HealthNeeds): HealthPart {
  if (settings.current.recording.consent.confirmed) return { name: 'consent', state: 'ok' }
  return {
    name: 'consent',
    state: 'degraded',
    reason: 'the consent rule is not confirmed: nothing is recorded',
    remedy: 'Confirm it in recording.consent.',
  }
}

function enrollmentsHealth({ sharedTokens }: HealthNeeds): HealthPart {
  const [first, ...more] = sharedTokens.list()
  if (!first) return { name: 'enrollments', state: 'ok' }
  const { clientId, role, name, locations } = first
  const others = more.length > 0 ? ` (and ${more.length} more)` : ''
  return {
    name: 'enrollments',
    state: 'degraded',
    client: { role, id: clientId },
    reason: `one ${role} connects from several machines in turn, with one token${others}`,
    detail: `the ${role} '${name}' connects from several machines in turn, with one token: ${locations.map(locationText).join(', ')}${others}`,
    remedy: 'Enroll one of them again, with a key of its own.',
  }
}
