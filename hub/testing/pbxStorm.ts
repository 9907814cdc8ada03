import { inbound, internal, outbound, type WireParticipant } from '../../test/sandbox/pbx/participants.ts'
import { aPbxWorld, type PbxWorld } from './pbxWorld.ts'

/** Returns a repeatable random source: mulberry32 is small, and the same on every machine. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Runs random faults: frames lost and doubled, connections cut, tokens replaced, restarts, odd answers. Rejects unless the
 * client ends with the legs that the PBX has.
 */
export async function stormOverPbx(seed: number, actionCount: number): Promise<void> {
  const random = seeded(seed)
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!
  const numbers = ['201', '202', '203', '204', '205', '206']
  await using world = await aPbxWorld({
    numbers: Object.fromEntries(numbers.map((dn) => [dn, 'Wextension'])),
  })
  await world.open()
  const { pbx } = world
  let nextId = 1
  const begin = () => {
    const id = nextId++
    const change = { id, dn: pick(numbers), callid: Math.ceil(id / 2), party_caller_id: `+4131${id}` }
    pbx.put(pick([inbound, outbound, internal])(change))
  }
  const change = (how: (part: WireParticipant) => void) => {
    const parts = pbx.participants()
    if (parts.length > 0) how(pick(parts))
  }
  const actions: readonly (() => unknown)[] = [
    begin,
    begin,
    begin,
    () => change((part) => pbx.put({ ...part, status: 'Connected' })),
    () => change((part) => pbx.put({ ...part, status: 'Connected' })),
    () => change((part) => pbx.put({ ...part, status: pick(['Undefined', 'Routing']) })),
    () => change(({ dn, id }) => pbx.take(dn, id)),
    () => change(({ dn, id }) => pbx.take(dn, id)),
    () => change((part) => pbx.put({ ...part, callid: part.callid + 1_000 })), // a transfer
    () => (pbx.modes.mute = random() < 0.3),
    () => (pbx.modes.twice = random() < 0.5),
    () => (pbx.modes.embeds = pick(['no', 'no', 'plain', 'wrapped'])),
    () => pbx.cut(),
    () => pbx.replaceToken(),
    () => (pbx.modes.api = random() < 0.2 ? pick([500, 'wrong-types', 'broken-json'] as const) : undefined),
    () => world.clock.advance(Math.floor(random() * 6_000)),
    () => world.clock.advance(Math.floor(random() * 300)),
    () => world.restart(),
  ]
  for (let i = 0; i < actionCount; i++) {
    await pick(actions)()
    if (random() < 0.5) await world.clock.advance(10)
  }
  Object.assign(pbx.modes, { mute: false, api: undefined })
  // The client may have missed a state behind an unknown status: in the end the PBX reports it.
  for (const part of pbx.participants())
    if (['Undefined', 'Routing'].includes(part.status)) pbx.put({ ...part, status: 'Ringing' })
  await world
    .passing(500, () => sides(world).believed === sides(world).held)
    .catch((error: unknown) => {
      throw new Error(JSON.stringify(sides(world), null, 1), { cause: error })
    })
  for (const [leg, facts] of byLeg(world)) {
    const end = facts.findIndex(({ state }) => state === 'ended')
    if (end >= 0 && end < facts.length - 1) throw new Error(`a fact of ${leg} follows its end`)
  }
}

function byLeg({ facts }: PbxWorld) {
  const legs = new Map<string, (typeof facts)[number][]>()
  for (const fact of facts) legs.set(fact.leg, [...(legs.get(fact.leg) ?? []), fact])
  return legs
}

/** Returns both sides' legs: one for each extension and conversation, talking when one of its participants is. */
function sides(world: PbxWorld) {
  const strongest = new Map<string, string>()
  for (const { dn, callid, status } of world.pbx.participants()) {
    const key = `${dn}/${callid}`
    const state = status === 'Connected' ? 'talking' : 'ringing'
    if (strongest.get(key) !== 'talking') strongest.set(key, state)
  }
  const believed = [...world.believed().values()].map(({ extension, state }) => `${extension} ${state}`)
  const held = [...strongest].map(([key, state]) => `${key.split('/')[0]!} ${state}`)
  return { believed: believed.sort().join(), held: held.sort().join() }
}
