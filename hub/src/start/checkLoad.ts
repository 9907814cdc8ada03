import { getHeapStatistics } from 'node:v8'
import { MINUTE_MS, SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import type { Attempts } from '../access/attempts.ts'
import type { HealthPart } from '../http/health.ts'
import type { LoopWatch } from '../observe/loopWatch.ts'
import { openFiles } from '../observe/openFiles.ts'
import type { ClockLeap } from '../observe/wallClockWatch.ts'
import type { ServerFigures } from '../server/serverPort.ts'

/** What the process itself runs short of, and whose doing it is. */
export interface LoadNeeds {
  readonly clock: Clock
  /** undefined before the server runs. */
  readonly server: () => ServerFigures | undefined
  readonly loop: Pick<LoopWatch, 'delayMs'>
  readonly attempts: Pick<Attempts, 'list'>
  readonly leap: () => ClockLeap | undefined
  /** The limit of open files; undefined: the machine has none. */
  readonly filesLimit: number | undefined
}

/** From here on an answer of the hub is noticed as late by a person who speaks. */
const SLOW_MS = 250
/** One client that causes so much of all work is named as the cause. */
const MOST = 0.5
const FULL = { degraded: 0.8, failed: 0.97 }
/** Less than this, and the next large answer may end the process. */
const LOW_MEMORY_BYTES = 100_000_000
/** More than the tests of a port scanner. */
const MANY_DROPPED = 50

/**
 * Returns the function that checks what no single part of the hub can see: open files, memory, the wait for the event loop, the
 * connections of strangers, wrong credentials and the clock. Each names the client or, for administrators, the address.
 */
export function createLoadCheck(needs: LoadNeeds): () => readonly HealthPart[] {
  const dropped = createDroppedCount(needs)
  return () => [
    handlesHealth(needs),
    memoryHealth(),
    loadHealth(needs),
    connectionsHealth(needs, dropped()),
    accessHealth(needs),
    clockHealth(needs),
  ]
}

function handlesHealth({ filesLimit, server }: LoadNeeds): HealthPart {
  const { used, limit } = openFiles(filesLimit)
  if (used === undefined || limit === undefined) return { name: 'handles', state: 'ok' }
  const part = { name: 'handles', reason: `${used} of ${limit} open files` }
  const share = used / limit
  if (share < FULL.degraded) return { ...part, state: 'ok' }
  const connections = server()?.connections.open ?? 0
  return {
    name: 'handles',
    state: share < FULL.failed ? 'degraded' : 'failed',
    reason: `${part.reason}, ${connections} of them connections`,
    remedy: 'Raise the limit of open files (LimitNOFILE of the service, ulimit -n).',
  }
}

function memoryHealth(): HealthPart {
  const { heap_size_limit: limit } = getHeapStatistics()
  const { heapUsed, rss } = process.memoryUsage()
  const free = process.availableMemory()
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
  const reason = `${megabytes(rss)} used, ${megabytes(free)} free on the machine`
  if (heapUsed < limit * FULL.degraded && free > LOW_MEMORY_BYTES)
    return { name: 'memory', state: 'ok', reason }
  return {
    name: 'memory',
    state: 'degraded',
    reason: `${reason}; ${megabytes(heapUsed)} of at most ${megabytes(limit)} in the heap`,
    remedy: 'Give the machine more memory, or stop other programs on it.',
  }
}

function loadHealth({ loop, server }: LoadNeeds): HealthPart {
  const delayMs = Math.round(loop.delayMs())
  const reason = `work waits ${delayMs} ms for its turn`
  if (delayMs < SLOW_MS) return { name: 'load', state: 'ok', reason }
  const part = { name: 'load', state: 'degraded' } as const
  const busiest = server()?.busiest
  if (!busiest || busiest.share < MOST)
    return {
      ...part,
      reason,
      remedy: 'Give the hub a faster processor, or stop other programs on its machine.',
    }
  const { client, messagesPerSecond, bytesPerSecond, share } = busiest
  const sends = `sends ${Math.round(messagesPerSecond)} messages and ${Math.round(bytesPerSecond / 1e3)} KB a second, ${Math.round(share * 100)} % of all`
  return {
    ...part,
    client: { role: client.role, id: client.id },
    reason: `${reason}; one ${client.role} ${sends}`,
    detail: `${reason}; the ${client.role} '${client.name}' ${sends}`,
    remedy: 'Stop that client if it is no program of yours (admin page: revoke it); else update it.',
  }
}

/** Connections dropped within the last one or two minutes. */
function createDroppedCount({ clock, server }: LoadNeeds): () => number {
  let marks = [{ atMs: clock.monotonicMs(), dropped: 0 }]
  return () => {
    const nowMs = clock.monotonicMs()
    const dropped = server()?.connections.dropped ?? 0
    if (nowMs - (marks.at(-1)?.atMs ?? 0) >= 10 * SECOND_MS) marks.push({ atMs: nowMs, dropped })
    marks = marks.filter(({ atMs }, at) => nowMs - atMs < 2 * MINUTE_MS || at === marks.length - 1)
    return dropped - (marks[0]?.dropped ?? 0)
  }
}

function connectionsHealth({ server }: LoadNeeds, dropped: number): HealthPart {
  const figures = server()
  if (!figures) return { name: 'connections', state: 'ok' }
  const { open, unproven, droppedOf } = figures.connections
  const reason = `${open} open, ${unproven} of them without a token`
  if (dropped < MANY_DROPPED) return { name: 'connections', state: 'ok', reason }
  const closed = `${reason}; ${dropped} were closed in the last minutes because there were too many`
  return {
    name: 'connections',
    state: 'degraded',
    reason: closed,
    ...(droppedOf === undefined ? {} : { detail: `${closed}, the last one from ${droppedOf}` }),
    remedy:
      'Find the machine that opens them (the admin page shows its address), and keep it from this port.',
  }
}

function accessHealth({ attempts }: LoadNeeds): HealthPart {
  const [most, ...more] = attempts.list()
  if (!most) return { name: 'access', state: 'ok' }
  const others = more.length > 0 ? ` (and ${more.length} more)` : ''
  const { count, kind, address } = most
  return {
    name: 'access',
    state: 'degraded',
    reason: `one address sent a wrong ${kind} ${count} times${others}`,
    detail: `${address} sent a wrong ${kind} ${count} times${others}`,
    remedy: 'A machine of yours: give it its new key or secret. Another one: keep it from this port.',
  }
}

/** The project's times lie between these years: a clock outside is wrong. */
const YEARS = { from: Date.UTC(2020, 0), to: Date.UTC(2100, 0) }

function clockHealth({ clock, leap }: LoadNeeds): HealthPart {
  const nowMs = clock.nowMs()
  const remedy = 'Set the clock of this machine right, and keep it so with a time service (NTP).'
  if (nowMs < YEARS.from || nowMs >= YEARS.to)
    return { name: 'clock', state: 'degraded', reason: `this machine says it is ${new Date(nowMs).getUTCFullYear()}`, remedy } // prettier-ignore
  const moved = leap()
  if (!moved) return { name: 'clock', state: 'ok' }
  const seconds = Math.round(Math.abs(moved.byMs) / SECOND_MS)
  const way = moved.byMs > 0 ? 'forward' : 'back'
  return { name: 'clock', state: 'degraded', reason: `the clock was moved ${way} by ${seconds} s within the last hour`, remedy } // prettier-ignore
}
