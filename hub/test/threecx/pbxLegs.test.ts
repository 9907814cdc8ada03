import { expect, it } from 'vitest'
import { inbound, internal, outbound, type WireParticipant } from '../../../test/sandbox/pbx/participants.ts'
import { nextEndMs, stepPbxLegs, type PbxLegs, type PbxEvent } from '../../src/threecx/pbxLegs.ts'
import { readFrame, readParticipant, readSnapshot, type Participant } from '../../src/threecx/participant.ts'
import { directionOf } from '../../src/threecx/readParty.ts'

const part = (wire: Partial<WireParticipant> & { dn: string }): Participant => {
  const read = readParticipant(wire, wire.dn)
  if (!read) throw new Error('it can be read')
  return read
}
const seen = (wire: Partial<WireParticipant> & { dn: string }): PbxEvent => ({
  kind: 'seen',
  part: part(wire),
})
const gone = (extension: string, id: number): PbxEvent => ({ kind: 'gone', extension, id })
const tick: PbxEvent = { kind: 'tick' }
/** Events at their times, each as 'ringing 201 inbound number name @ms'. */
function play(events: readonly (readonly [number, PbxEvent])[], from: PbxLegs = new Map()) {
  let held = from
  const reported: string[] = []
  for (const [nowMs, event] of events) {
    const step = stepPbxLegs(held, event, nowMs)
    held = step.legs
    for (const {
      state: state,
      extension,
      direction,
      remoteNumber = '-',
      remoteName = '',
      atMs,
    } of step.facts)
      reported.push(
        `${state} ${extension} ${direction} ${remoteNumber} ${remoteName}@${atMs}`.replace(' @', ' @'),
      )
  }
  return { held, reported }
}

it('replays the outgoing call of the capture: the trunk is the party, the dialed number its caller id', () => {
  const dialling = outbound({ id: 9, dn: '201', party_dn: '10003', party_caller_id: '0791234567' })
  const { reported, held } = play([
    [1, seen(dialling)],
    [2, seen(dialling)],
    [3, seen({ ...dialling, status: 'Connected' })],
    [4, gone('201', 9)],
    [5, tick],
    [2_004, tick],
  ])
  expect(reported).toEqual(['ringing 201 outbound 0791234567 @1', 'talking 201 outbound 0791234567 @3', 'ended 201 outbound 0791234567 @4']) // prettier-ignore
  expect(held.size).toBe(0)
})

it('replays the incoming call of the capture, whose name only repeats the number', () => {
  const { reported } = play([[1, seen(inbound({ id: 9, dn: '201', party_caller_id: '+41310000000', party_caller_name: '+41 31 000 00 00' }))]]) // prettier-ignore
  expect(reported).toEqual(['ringing 201 inbound +41310000000 +41 31 000 00 00@1'])
})

const directions: readonly (readonly [string, Participant, string])[] = [
  ['met in its middle, from the router', part(inbound({ id: 1, dn: '1', status: 'Connected' })), 'inbound'],
  ['met in its middle, of its own', part(outbound({ id: 1, dn: '1', status: 'Connected' })), 'outbound'],
  ['met in its middle, and neither', part(outbound({ id: 1, dn: '1', status: 'Connected', legid: 2 })), 'unknown'],
  ['that rings for its own click-to-call', part(outbound({ id: 1, dn: '1', status: 'Ringing' })), 'unknown'],
  ['of a queue', part(inbound({ id: 1, dn: '1', party_dn_type: 'Wqueue', originated_by_type: 'Wqueue', originated_by_dn: '800' })), 'inbound'],
  ['to a queue', part(outbound({ id: 1, dn: '1', party_dn_type: 'Wqueue' })), 'internal'],
  ['between colleagues', part(internal({ id: 1, dn: '1' })), 'internal'],
] // prettier-ignore
it.each(directions)('knows the direction of a call %s', (_, participant, direction) => {
  expect(directionOf(participant)).toBe(direction)
})

it('reports no remote number when it is withheld or the trunk’s own', () => {
  const { reported } = play([
    [1, seen(inbound({ id: 1, dn: '201', party_caller_id: 'anonymous', party_caller_name: 'Anonymous' }))],
    [1, seen(inbound({ id: 2, dn: '202', party_caller_id: '10003', party_dn: '10003' }))],
  ])
  expect(reported).toEqual(['ringing 201 inbound - Anonymous@1', 'ringing 202 inbound - @1'])
})

it('counts all telephones of one extension as one leg, whichever of them rings or talks', () => {
  const { reported } = play([
    [1, seen(inbound({ id: 1, dn: '201', callid: 5 }))],
    [1, seen(inbound({ id: 2, dn: '201', callid: 5 }))],
    [3, seen(inbound({ id: 2, dn: '201', callid: 5, status: 'Connected' }))],
    [3, gone('201', 1)],
    [9, gone('201', 2)],
    [2_009, tick],
  ])
  expect(reported.map((one) => one.split(' ')[0])).toEqual(['ringing', 'talking', 'ended'])
})

it('ends the other legs of a ring group when one of them answers', () => {
  const { reported } = play([
    [1, seen(inbound({ id: 1, dn: '201', callid: 5 }))],
    [1, seen(inbound({ id: 2, dn: '202', callid: 5 }))],
    [3, seen(inbound({ id: 2, dn: '202', callid: 5, status: 'Connected' }))],
    [3, gone('201', 1)],
    [2_003, tick],
  ])
  expect(reported.slice(2)).toEqual([
    'talking 202 inbound +41310000000 @3',
    'ended 201 inbound +41310000000 @3',
  ])
})

it('reports, after a gap, the answered leg before the end of the others of the conversation', () => {
  const { held } = play([[1, seen(inbound({ id: 1, dn: '201', callid: 5 }))], [1, seen(inbound({ id: 2, dn: '202', callid: 5 }))]]) // prettier-ignore
  const snapshot = readSnapshot([{ dn: '201', type: 'Wextension', participants: [] }, { dn: '202', type: 'Wextension', participants: [inbound({ id: 2, dn: '202', callid: 5, status: 'Connected' })] }])! // prettier-ignore
  const { facts } = stepPbxLegs(held, { kind: 'listed', snapshot, isNewer: () => false, isAfterGap: true }, 9)
  expect(facts.map(({ state: state, extension, conversation }) => `${state} ${extension} ${conversation ?? ''}`)).toEqual(['talking 202 5', 'ended 201 5']) // prettier-ignore
})

it('keeps the leg when a queue rings again, or a transfer brings the caller back, within 2 s', () => {
  const { reported, held } = play([
    [1, seen(inbound({ id: 1, dn: '201', callid: 5 }))],
    [5_000, gone('201', 1)],
    [6_900, tick],
    [6_900, seen(inbound({ id: 2, dn: '201', callid: 5 }))],
    [7_500, tick],
  ])
  expect(reported).toHaveLength(1)
  expect(held.size).toBe(1)
  expect(nextEndMs(held)).toBeUndefined()
})

it('begins another leg when the same telephone rings again after 2 s', () => {
  const first = stepPbxLegs(new Map(), seen(inbound({ id: 1, dn: '201', callid: 5 })), 1)
  const { reported, held } = play([[10, gone('201', 1)], [2_010, tick], [9_000, seen(inbound({ id: 2, dn: '201', callid: 5 }))]], first.legs) // prettier-ignore
  expect(reported.map((one) => one.split(' ')[0])).toEqual(['ended', 'ringing'])
  expect([...held.values()][0]!.leg).not.toBe(first.facts[0]!.leg)
})

it('follows a participant that a transfer joins to another conversation, from the colleague to the caller', () => {
  const { reported, held } = play([
    [1, seen(internal({ id: 1, dn: '201', callid: 5, status: 'Connected' }))],
    [9, seen(inbound({ id: 1, dn: '201', callid: 6, status: 'Connected' }))],
  ])
  expect(reported).toEqual(['talking 201 internal 202 Julien Martin@1', 'talking 201 inbound +41310000000 @1']) // prettier-ignore
  expect(held.size).toBe(1)
})

it('names a leg in at most 64 characters, differently on another day', () => {
  const long = seen(inbound({ id: 9e14, dn: '1'.repeat(32), callid: 9e14 }))
  const one = stepPbxLegs(new Map(), long, Date.UTC(2026, 0, 1)).facts[0]!.leg
  const other = stepPbxLegs(new Map(), long, Date.UTC(2026, 0, 2)).facts[0]!.leg
  expect(one.length).toBeLessThanOrEqual(64)
  expect(other).not.toBe(one)
})

it('reports nothing of a participant whose status was never understood', () => {
  const { reported } = play([[1, seen(inbound({ id: 1, dn: '201', status: 'Undefined' }))], [2, gone('201', 1)], [2_002, tick]]) // prettier-ignore
  expect(reported).toEqual([])
})

it('trusts an event that arrived while the list was being fetched more than the list', () => {
  const snapshot = readSnapshot([{ dn: '201', type: 'Wextension', participants: [inbound({ id: 1, dn: '201' })] }])! // prettier-ignore
  const listed = (newer: boolean): PbxEvent => ({ kind: 'listed', snapshot, isNewer: () => newer, isAfterGap: false }) // prettier-ignore
  expect(stepPbxLegs(new Map(), listed(true), 1).facts).toEqual([])
  expect(stepPbxLegs(new Map(), listed(false), 1).facts).toHaveLength(1)
  const held = stepPbxLegs(new Map(), seen(inbound({ id: 2, dn: '202' })), 1).legs
  expect([...stepPbxLegs(held, listed(true), 2).legs.values()][0]!.parts.size).toBe(1)
  expect(stepPbxLegs(held, listed(false), 2).legs.get('202/2')!.parts.size).toBe(0)
})

it('ends a leg in time although the wall clock goes back', () => {
  const { reported } = play([
    [10_000, seen(inbound({ id: 1, dn: '201' }))],
    [20_000, gone('201', 1)],
    [1_000, tick],
  ])
  expect(reported.at(-1)).toContain('ended')
})

it('reads the fields and frames that are valid, and skips the rest', () => {
  expect(readParticipant({ id: '7', status: 'Ringing', callid: 'x', legid: null, party_dn: 9, party_dn_type: 'None' }, '201')).toEqual({
    id: 7, extension: '201', status: 'Ringing', callId: undefined, legId: undefined, partyDn: '', partyType: '', callerId: '', callerName: '', originatedBy: '',
  }) // prettier-ignore
  for (const odd of [null, 7, 'x', [], {}, { id: -1 }, { id: 1.5 }, { id: '12345678901234567' }])
    expect(readParticipant(odd, '201')).toBeUndefined()
  expect(readParticipant(inbound({ id: 1, dn: 'x' }), '../x')).toBeUndefined()
  expect(readSnapshot({})).toBeUndefined()
  expect(readSnapshot([{ odd: 1 }])).toBeUndefined()
  expect(readSnapshot([])).toEqual({ numbers: new Map(), participants: [] })
  expect(readFrame('{"event":{"event_type":1,"entity":"/callcontrol/hub%2B1/participants/4"}}')).toEqual({ kind: 'remove', extension: 'hub+1', id: 4 }) // prettier-ignore
  expect(readFrame('{"event":{"event_type":0,"entity":"/callcontrol/201/devices/4"}}')).toBeUndefined()
})
