/** A participant in the form of the Call Control API of 3CX V20. */
export interface WireParticipant {
  readonly id: number
  readonly status: string
  readonly dn: string
  readonly party_caller_name: string
  readonly party_dn: string
  readonly party_caller_id: string
  readonly party_did: string
  readonly device_id: string
  readonly party_dn_type: string
  readonly direct_control: boolean
  readonly originated_by_dn: string
  readonly originated_by_type: string
  readonly referred_by_dn: string
  readonly referred_by_type: string
  readonly on_behalf_of_dn: string
  readonly on_behalf_of_type: string
  readonly callid: number
  readonly legid: number
}

type Change = Partial<WireParticipant> & Pick<WireParticipant, 'id' | 'dn'>

/**
 * Returns a participant of an inbound call, as first seen in a capture of 30 Dec 2024: the trunk is the party, the caller its
 * id, the router its origin.
 */
export function inbound(change: Change): WireParticipant {
  return {
    status: 'Ringing',
    party_caller_name: '',
    party_dn: '10003',
    party_caller_id: '+41310000000',
    party_did: '',
    device_id: `sip:${change.dn}@192.0.2.20:5063;rinstance=abc`,
    party_dn_type: 'Wexternalline',
    direct_control: false,
    originated_by_dn: 'ROUTER',
    originated_by_type: 'Wroutepoint',
    referred_by_dn: '',
    referred_by_type: 'None',
    on_behalf_of_dn: '',
    on_behalf_of_type: 'None',
    callid: change.id,
    legid: 4,
    ...change,
  }
}

/** Returns a participant of an outbound call, as first seen in the same capture: a trunk as well, without an originator. */
export function outbound(change: Change): WireParticipant {
  return inbound({ status: 'Dialing', originated_by_dn: '', originated_by_type: 'None', legid: 1, ...change })
}

/** Returns a participant of an internal call. It is composed: no capture of one is known. */
export function internal(change: Change): WireParticipant {
  return inbound({
    party_dn: '202',
    party_caller_id: '202',
    party_caller_name: 'Julien Martin',
    party_dn_type: 'Wextension',
    originated_by_dn: '',
    originated_by_type: 'None',
    ...change,
  })
}
