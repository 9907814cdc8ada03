import { expect } from 'vitest'
import { recordingId, type PartHeader } from '@3cx-ninja/protocol'
import { aDispatchWorld, type DispatchWorld, type WorldWorker } from './dispatchWorld.ts'
import { aPart, spokenRecords } from './memoryRecordings.ts'

export interface RandomRunEnd {
  readonly recordings: readonly {
    readonly name: string
    readonly agent: string
    readonly caller: string
    readonly expectedAgent: string
    readonly expectedCaller: string
    readonly done: boolean
  }[]
  /** Finals stored with a lower fence than an earlier final of the same recording. */
  readonly fencesFell: readonly string[]
  readonly doneTwice: readonly string[]
  /** How often each kind of event happened, to see that a run is not idle. */
  readonly counts: Readonly<Record<string, number>>
}

/** Returns a repeatable random source: mulberry32 is small, good enough, and the same on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

interface GrowingCall {
  readonly name: string
  part: PartHeader
  /** Ticks in this part, and in the whole recording. */
  tick: number
  total: number
  readonly ends: number
  sealed: boolean
}

/** Runs calls and workers at random: workers crash, freeze and are cut off, messages are late, the hub restarts, the disk refuses. */
export async function runAtRandom(seed: number, steps = 160): Promise<RandomRunEnd> {
  const random = seededRandom(seed)
  const chance = (probability: number) => random() < probability
  await using world = await aDispatchWorld({
    tuning: { windowRecords: 40, backoffMs: 500, maxBackoffMs: 2_000 },
  })
  const counts: Record<string, number> = {}
  const count = (event: string) => (counts[event] = (counts[event] ?? 0) + 1)

  const workers: WorldWorker[] = []
  for (let n = 0; n < 4; n++) {
    const recordsPerFinal = 3 + Math.floor(random() * 9)
    const worker = world.addWorker(`worker-0${n}`, { slots: 1 + Math.floor(random() * 3), recordsPerFinal })
    worker.attach()
    workers.push(worker)
  }
  const calls: GrowingCall[] = []

  for (let step = 0; step < steps; step++) {
    if (calls.length < 12 && chance(0.15)) calls.push(beginCall(world, `recording-${calls.length}`, random))
    for (const call of calls) grow(world, call, Math.floor(random() * 4), chance(0.01))
    for (const worker of workers) disturb(worker, { chance, random, count })
    if (chance(0.015)) {
      count('hub restarts')
      await world.restartHub()
    }
    if (chance(0.02)) {
      count('finals refused')
      world.failFinals(1)
    }
    await world.pass(250, 125)
  }

  // The failures end: everything must finish by itself.
  world.failFinals(0)
  for (const call of calls) grow(world, call, call.ends, false)
  for (const { worker, ...link } of workers) {
    worker.behavior.frozen = false
    worker.behavior.declines = false
    link.close()
  }
  for (const worker of workers) {
    worker.delayMs = () => 5
    worker.attach()
  }
  for (let waited = 0; waited < 120 && world.dispatcher().slots().used + notDone(world, calls) > 0; waited++)
    await world.pass(500, 250)

  const recordings = []
  for (const { name, total } of calls) {
    const id = recordingId.parse(name)
    const spoken = (letter: string) => Array.from({ length: total }, (_, n) => `${letter}${n}`).join(' ')
    recordings.push({
      name,
      agent: await world.textOf(id, 'agent'),
      caller: await world.textOf(id, 'caller'),
      expectedAgent: spoken('a'),
      expectedCaller: spoken('c'),
      done: world.dispatcher().isTranscribed(id),
    })
  }
  for (const { outcome } of world.finals) count(`finals ${outcome}`)
  for (const { event, fields } of world.events)
    if (event === 'lease.ended') count(`lease ${String(fields['how'])}`)
  return { recordings, fencesFell: fencesFell(world), doneTwice: repeated(world.doneReports), counts }
}

/** Throws unless each spoken word is stored once and in order, each recording was reported done once, and no old fence counted. */
export function expectWholeText(end: RandomRunEnd, where = ''): void {
  for (const { name, agent, caller, expectedAgent, expectedCaller, done } of end.recordings) {
    expect(done, `${where}${name} is done`).toBe(true)
    expect(agent, `${where}agent of ${name}`).toBe(expectedAgent)
    expect(caller, `${where}caller of ${name}`).toBe(expectedCaller)
  }
  expect(end.fencesFell, `${where}finals of an older fence that counted`).toEqual([])
  expect(end.doneTwice, `${where}recordings reported done twice`).toEqual([])
}

function beginCall(world: DispatchWorld, name: string, random: () => number): GrowingCall {
  const part = aPart(name)
  world.recordings.open(part)
  return { name, part, tick: 0, total: 0, ends: 20 + Math.floor(random() * 150), sealed: false }
}

function grow(world: DispatchWorld, call: GrowingCall, ticks: number, newPart: boolean): void {
  if (call.sealed) return
  const id = recordingId.parse(call.name)
  if (newPart && call.tick > 0) {
    call.part = aPart(call.name, call.part.part + 1, call.tick * 2)
    call.tick = 0
    world.recordings.open(call.part)
  }
  for (let n = 0; n < ticks && call.total < call.ends; n++) {
    world.recordings.append(id, call.part.part, spokenRecords(call.part, call.tick, call.total))
    call.tick += 1
    call.total += 1
  }
  if (call.total < call.ends) return
  call.sealed = true
  world.recordings.seal(id)
}

function disturb(
  one: WorldWorker,
  context: { chance: (p: number) => boolean; random: () => number; count: (event: string) => void },
): void {
  const { chance, random, count } = context
  const { behavior } = one.worker
  if (!one.isAttached) {
    if (!chance(0.15)) return
    behavior.frozen = false
    one.close() // a worker's new connection ends its old one
    return one.attach()
  }
  if (chance(0.02)) {
    count('crashes')
    one.close(chance(0.5))
  } else if (chance(0.02)) {
    count('cables pulled')
    one.cut()
  } else if (chance(0.015)) {
    count('freezes')
    behavior.frozen = true
  } else if (behavior.frozen && chance(0.1)) {
    behavior.frozen = false
  } else if (chance(0.03)) {
    const slowMs = chance(0.4) ? random() * 9_000 : random() * 50
    one.delayMs = () => slowMs
  } else if (chance(0.02)) {
    behavior.declines = !behavior.declines
  } else if (chance(0.02)) {
    count('leases returned')
    const held = one.worker.leases()[0]
    if (held) one.worker.returnLease(held.leaseId)
  }
}

const notDone = (world: DispatchWorld, calls: readonly GrowingCall[]) =>
  calls.filter(({ name }) => !world.dispatcher().isTranscribed(recordingId.parse(name))).length

function fencesFell(world: DispatchWorld): readonly string[] {
  const newest = new Map<string, number>()
  const fell: string[] = []
  for (const { recordingId: id, fence, outcome } of world.finals) {
    if (outcome !== 'stored') continue
    if (fence < (newest.get(id) ?? 0)) fell.push(`${id} fence ${fence}`)
    newest.set(id, fence)
  }
  return fell
}

function repeated(ids: readonly string[]): readonly string[] {
  return ids.filter((id, index) => ids.indexOf(id) !== index)
}
