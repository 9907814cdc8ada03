import { sameNumber } from '@3cx-ninja/phone-numbers/compareNumbers.ts'

interface RemoteParty {
  readonly remoteNumber?: string
  readonly remoteName?: string
}

/**
 * Returns the party without a name that is only its number in another writing: V20 gives '+33240112233' as the name of
 * 0240112233 (capture of a PBX), and a name would stand for the contact on drafts and screens.
 */
export function withoutNumberAsName<Party extends RemoteParty>(party: Party, country: string): Party {
  const { remoteName = '', ...nameless } = party
  if (/\p{L}/u.test(remoteName) || !sameNumber(remoteName, party.remoteNumber, country)) return party
  return nameless as Party // the name is optional in every party
}
