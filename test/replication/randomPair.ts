import { recordingId } from '@3cx-ninja/protocol'
import { seededRandom } from '../../recording-log/testing/fakeDisk.ts'
import { faultsOfAgent, faultsOfHub } from './comparePair.ts'
import { createReplicationPair } from './replicationPair.ts'

export interface RandomPairEnd {
  /** Everything that was lost, doubled, mixed up or wrongly acknowledged, in words. */
  readonly faults: readonly string[]
  /** Number of each event: a run without events proves nothing. */
  readonly counts: Readonly<Record<string, number>>
}

/** The position up to which the agent must keep a part: `written` after a kill, `flushed` after a power cut. */
interface Promised {
  written: number
  flushed: number
}
/** A power cut may cost the agent at most this much audio: its tuning's flushMs, and a step. */
const FLUSHED_AFTER_MS = 1_100
const STEP_MS = 100
const SLOTS = 2
/** Several times the 30 s for which the agent respects the hub's 'disk-full'. */
const SETTLE_MS = 120_000

/**
 * Runs two calls at a time between one agent and one hub while line, processes, power and disk space fail, then lets all
 * recover. Resolves with the faults found.
 */
export async function runPairAtRandom(seed: number, steps = 150): Promise<RandomPairEnd> {
  const random = seededRandom(seed)
  const chance = (probability: number) => random() < probability
  const pair = createReplicationPair(random)
  const faults: string[] = []
  const counts: Record<string, number> = {}
  const count = (what: string) => (counts[what] = (counts[what] ?? 0) + 1)
  const promised = new Map<string, Promised>()
  let soon: { readonly atMs: number; readonly key: string; readonly position: number }[] = []
  let names: string[] = []
  const all: string[] = []
  const sealAsked = new Set<string>()
  const safe = new Set<string>()
  /** Erased on the technician's request; `confirmed`: the hub has reported the erasure. */
  const erased = new Map<string, 'requested' | 'confirmed'>()
  let nowMs = 0
  let agentFailures = false
  let hubFailures = false

  const promiseOf = (key: string): Promised => {
    const known = promised.get(key) ?? { written: 0, flushed: 0 }
    promised.set(key, known)
    return known
  }
  const pass = async (ms: number) => {
    await pair.pass(ms)
    nowMs += ms
    for (const { key, position } of soon.filter(({ atMs }) => atMs <= nowMs))
      promiseOf(key).flushed = Math.max(promiseOf(key).flushed, position)
    soon = soon.filter(({ atMs }) => atMs > nowMs)
  }
  const newName = () => {
    const name = `recording-${all.length + 1}`
    all.push(name)
    return name
  }
  const disturbAgent = (how: () => void) => {
    how()
    agentFailures = true
    soon = [] // unflushed records may now take long
    count('agent disk refuses')
  }
  const healAgent = () => {
    pair.agentDisk.heal()
    agentFailures = false
  }
  const healHub = () => {
    pair.hubDisk.heal()
    hubFailures = false
  }

  const say = (name: string, act: 'speak' | 'seal') => {
    const agent = pair.agent()
    const writer = agent?.writers.get(name)
    if (!agent || !writer) return
    const { part } = writer.header
    const key = `${name}/${part}`
    const outcome = agent[act](name)
    const position = pair.said(name, part).length
    void outcome.then(({ ok }) => {
      if (!ok || pair.agent() !== agent) return
      promiseOf(key).written = Math.max(promiseOf(key).written, position)
      if (act === 'seal')
        promiseOf(key).flushed = position // sealing flushes
      else if (!agentFailures) soon.push({ atMs: nowMs + FLUSHED_AFTER_MS, key, position })
    })
  }
  const begin = async (name: string) => {
    const agent = pair.agent()
    if (!agent || agent.writers.has(name)) return
    await agent.begin(name).then(
      () => count('parts begun'),
      () => count('parts that could not begin'),
    )
  }

  const killAgent = (power: boolean) => {
    if (!pair.agent()) return
    pair.killAgent(power ? random : undefined)
    count(power ? 'agent power cuts' : 'agent kills')
    soon = []
    if (power) for (const promise of promised.values()) promise.written = promise.flushed
  }
  const startAgent = async () => {
    if (pair.agent()) return
    healAgent()
    await pair.startAgent()
    faults.push(...(await faultsOfAgent(pair)))
    const { recordings } = pair.agent()!
    const found = new Map<string, number>(
      recordings
        .list()
        .flatMap(({ recordingId: id, parts }) =>
          parts.map(({ header, position }) => [`${id}/${header.part}`, position] as const),
        ),
    )
    for (const [key, { written }] of promised) {
      const position = found.get(key) ?? 0
      const name = key.split('/')[0] ?? ''
      if (!safe.has(name) && !erased.has(name) && position < written)
        faults.push(`agent ${key}: ${written} promised, ${position} held`)
    }
    // A part is never continued: from now on it ends where this start found it.
    for (const [key, position] of found) promised.set(key, { written: position, flushed: position })
    for (const name of erased.keys()) await eraseHere(name)
    for (const name of names) {
      if (!sealAsked.has(name)) await begin(name)
      else if (!safe.has(name)) await pair.agent()!.sealUnfinished(name)
    }
  }
  const killHub = (power: boolean) => {
    if (!pair.hub()) return
    pair.killHub(power ? random : undefined)
    count(power ? 'hub power cuts' : 'hub kills')
  }
  const startHub = async () => {
    if (pair.hub()) return
    if (!hubFailures || chance(0.7)) healHub()
    const started = await pair.startHub().then(
      () => true,
      () => false, // a start on a refusing disk reports it and ends; the attempt must lose nothing
    )
    if (!started) {
      count('hub starts that the disk refused')
      pair.hubDisk.kill()
      return
    }
    for (const name of all) {
      if (erased.get(name) === 'confirmed' && pair.hub()!.store.state(recordingId.parse(name)))
        faults.push(`${name}: erased, and back again`)
      if (!erased.has(name)) faults.push(...(await faultsOfHub(pair, name)))
    }
  }
  const eraseHere = async (name: string) => {
    const agent = pair.agent()
    await agent?.recordings.remove(recordingId.parse(name)).catch(() => count('erasures refused by the disk'))
    agent?.writers.delete(name)
  }
  /** Repeats the agent's request until the hub has answered. */
  const eraseThere = async () => {
    const hub = pair.hub()
    for (const [name, state] of erased) {
      if (!hub || state === 'confirmed') continue
      await hub.store.remove(recordingId.parse(name), 'erased').then(
        () => {
          if (pair.hub() !== hub) return
          erased.set(name, 'confirmed')
          count('recordings erased')
        },
        () => count('erasures refused by the disk'),
      )
    }
  }
  const requestErasure = async (name: string) => {
    erased.set(name, 'requested')
    names = names.map((each) => (each === name ? newName() : each))
    await eraseHere(name)
  }
  /** Completes a recording on the hub once it has the text: only when all of it is flushed. */
  const confirmSafe = () => {
    for (const name of names) {
      const id = recordingId.parse(name)
      const state = pair.hub()?.store.state(id)
      const isFlushed = state?.parts.every(
        ({ header, position }) => (pair.acknowledged.get(`${name}/${header.part}`) ?? 0) >= position,
      )
      if (!state?.sealed || !isFlushed) continue
      safe.add(name)
      pair.markSafe(id)
      count('recordings safe')
    }
    names = names.map((name) => (safe.has(name) ? newName() : name))
  }

  const step = async () => {
    if (chance(0.05)) pair.cutLine()
    if (chance(0.2)) pair.connect()
    if (chance(0.02)) killAgent(chance(0.5))
    if (chance(0.02)) killHub(chance(0.5))
    if (chance(0.4)) await startAgent()
    if (chance(0.4)) await startHub()
    if (chance(0.02)) {
      hubFailures = true
      count('hub disk refuses')
      if (chance(0.5)) pair.hubDisk.setRoom(Math.floor(random() * 4_000))
      else pair.hubDisk.refuse(chance(0.5) ? 'datasync' : 'write', chance(0.5) ? 'EIO' : 'ENOSPC')
    }
    if (chance(0.01)) disturbAgent(() => pair.agentDisk.setRoom(Math.floor(random() * 4_000)))
    if (chance(0.01)) disturbAgent(() => pair.agentDisk.refuse(chance(0.5) ? 'datasync' : 'write', 'EIO'))
    if (hubFailures && chance(0.08)) healHub()
    if (agentFailures && chance(0.08)) healAgent()
    if (chance(0.05)) {
      pair.weather.maxDelayMs = chance(0.5) ? 20 : 400
      pair.weather.doubled = chance(0.5) ? 0 : 0.1
      pair.weather.swapped = chance(0.5) ? 0 : 0.1
    }
    for (const name of names) {
      if (sealAsked.has(name)) {
        if (chance(0.3)) say(name, 'seal')
        continue
      }
      await begin(name)
      if (chance(0.02)) {
        sealAsked.add(name)
        say(name, 'seal')
      } else say(name, 'speak')
    }
    if (chance(0.005)) await requestErasure(names[0]!)
    if (chance(0.2)) await eraseThere()
    if (chance(0.2)) confirmSafe()
    await pass(STEP_MS)
  }

  names = Array.from({ length: SLOTS }, newName)
  for (let n = 0; n < steps && faults.length === 0; n++) await step()

  // All parts have recovered: every record must arrive once, and stay.
  healAgent()
  healHub()
  Object.assign(pair.weather, { maxDelayMs: 20, doubled: 0, swapped: 0 })
  await startHub()
  await startAgent()
  pair.connect()
  for (const name of erased.keys()) await eraseHere(name)
  await eraseThere()
  for (const name of names) {
    if (!sealAsked.has(name)) await begin(name)
    sealAsked.add(name)
    say(name, 'seal')
  }
  await pass(SETTLE_MS)
  const held = () => all.map((name) => pair.hub()!.store.state(recordingId.parse(name)))
  for (const { recordingId: id, parts } of pair.agent()!.recordings.list())
    for (const { header, position } of parts)
      if ((pair.acknowledged.get(`${id}/${header.part}`) ?? 0) < position)
        faults.push(`${id}/${header.part}: ${position} on the agent's disk, not all acknowledged`)
  for (const refusal of pair.refused) if (!refusal.endsWith('disk-full')) faults.push(`refused ${refusal}`)
  confirmSafe()
  for (const name of all) {
    if (erased.has(name)) continue
    if (!safe.has(name) && !names.includes(name)) faults.push(`${name}: not complete on the hub`)
    if (safe.has(name)) faults.push(...(await faultsOfHub(pair, name)))
  }
  pair.connect() // the hub reports again what became safe while the line was cut
  await pass(2_000)
  if (held().some((state) => state && !state.sealed)) faults.push('a recording is not complete on the hub')
  for (const { recordingId: id } of pair.agent()!.recordings.list())
    faults.push(`${id}: still on the agent's disk, though safe`)
  killHub(true)
  await startHub()
  for (const name of erased.keys())
    for (const file of [...pair.hubDisk.files(), ...pair.agentDisk.files()])
      if (file.includes(`/${name}/`)) faults.push(`${file}: of an erased recording`)
  return { faults, counts }
}
