import { loadResult, type LoadOrder, type ReceiverOrder } from '../../../scripts/bench/ingest/messages.ts'
import { watchUse } from '../../../scripts/bench/processUse.ts'
import { summarize, summarizeCounts } from '../../../scripts/bench/statistics.ts'
import type { Part } from '../../../scripts/site/part.ts'
import { HONEST_AGENTS, type Company } from './company.ts'
import type { Kind } from './kinds.ts'
import { attackResult, callerResult, type AttackOrder, type CallerOrder } from './orders.ts'

const FRAMES_PER_SECOND = 10
const OPENING_MS = 60_000
const WARM_UP_SECONDS = 3

/** What honest clients saw beside one attack. */
export interface Figures {
  readonly hubEnded: string | undefined
  readonly answerP99Ms: number
  readonly lost: number
  readonly closed: number
  /** The slowest honest call, to its answer; Infinity when one was never answered. */
  readonly callStoredMs: number
  readonly maxRssMb: number
  readonly attemptsPerSecond: number
}

/** Runs 20 honest agents and one caller beside an attack, or beside none; resolves with what they saw. */
export async function runKind(
  company: Company,
  kind: Kind | undefined,
  { seed, seconds }: { readonly seed: number; readonly seconds: number },
): Promise<Figures> {
  const hub = await company.startHub()
  const parts: Part[] = []
  let hubEnded: string | undefined
  let stopping = false
  void hub.ended.then((how) => (hubEnded ??= stopping ? undefined : String(how)))
  const start = async (name: string, script: string, order: object) => {
    const part = await company.startClient(name, script, order)
    parts.push(part)
    return part
  }
  try {
    const { url, caFile } = company
    const socketUrl = url.replace('https:', 'wss:')
    const receiver = await start('receiver', 'scripts/bench/ingest/receiverProcess.ts', {
      dialect: 'hub', url: socketUrl, caFile, tokens: [...company.workerTokens], recordings: HONEST_AGENTS,
    } satisfies ReceiverOrder) // prettier-ignore
    await receiver.waitFor('its sockets', ({ receiver: says }) => says === 'ready', OPENING_MS)
    const load = await start('load', 'scripts/bench/ingest/loadProcess.ts', {
      dialect: 'hub', url: `${socketUrl}/link/agent`, caFile, tokens: [...company.agentTokens], first: 0,
      framesPerSecond: FRAMES_PER_SECOND, frameBytes: 400, warmUpSeconds: WARM_UP_SECONDS, measureSeconds: seconds,
    } satisfies LoadOrder) // prettier-ignore
    await load.waitFor('ready', ({ load: says }) => says === 'ready', OPENING_MS)
    const caller = await start('caller', 'test/long/hostile/callerProcess.ts', {
      hub: url, caFile, ...company.caller,
    } satisfies CallerOrder) // prettier-ignore
    await caller.waitFor('ready', ({ caller: says }) => says === 'ready', OPENING_MS)
    const attacker = kind && (await start('attacker', 'test/long/hostile/attackerProcess.ts', {
      kind: kind.name, hub: url, caFile, token: company.tokenOf(kind.role), seed, seconds,
    } satisfies AttackOrder)) // prettier-ignore
    await attacker?.waitFor('ready', ({ attacker: says }) => says === 'ready', OPENING_MS)
    load.write('go\n')
    await load.waitFor('measuring', ({ load: says }) => says === 'measuring', OPENING_MS)
    const watch = await watchUse(hub.pid)
    attacker?.write('go\n')
    const limitMs = seconds * 1_000 + OPENING_MS
    const measured = loadResult.parse(
      await load.waitFor('measured', ({ load: says }) => says === 'measured', limitMs),
    )
    const { maxRssBytes } = await watch.end().catch(() => ({ maxRssBytes: Number.NaN }))
    const over =
      attacker &&
      attackResult.parse(await attacker.waitFor('over', ({ attacker: says }) => says === 'over', limitMs))
    caller.closeInput()
    const calls = callerResult.parse(
      await caller.waitFor('over', ({ caller: says }) => says === 'over', OPENING_MS),
    )
    const acknowledged = measured.answer.reduce((sum, [, count]) => sum + count, 0)
    return {
      hubEnded,
      answerP99Ms: summarizeCounts([measured.answer]).p99,
      lost: measured.sent - acknowledged,
      closed: measured.closed,
      callStoredMs: calls.unanswered > 0 ? Infinity : summarize([...calls.stored, ...calls.opened]).max,
      maxRssMb: maxRssBytes / 1_000_000,
      attemptsPerSecond: over ? over.attempts / over.seconds : 0,
    }
  } finally {
    stopping = true
    await Promise.all([...parts, hub].map((part) => part.kill('SIGKILL')))
  }
}
