import { agentAttacks } from './attacks/agent.ts'
import { wallboardAttacks, workerAttacks } from './attacks/otherClients.ts'
import { withoutToken } from './attacks/withoutToken.ts'
import type { Attack } from './wire.ts'

export type AttackerRole = 'agent' | 'worker' | 'wallboard' | 'none'

export interface Kind {
  readonly name: string
  readonly role: AttackerRole
  readonly attack: Attack
}

const kindsOf = (role: AttackerRole, attacks: Readonly<Record<string, Attack>>): readonly Kind[] =>
  Object.entries(attacks).map(([name, attack]) => ({ name, role, attack }))

/** Every way in which the hub is attacked, by the token that the attacker holds. */
export const kinds: readonly Kind[] = [
  ...kindsOf('none', withoutToken),
  ...kindsOf('agent', agentAttacks),
  ...kindsOf('wallboard', wallboardAttacks),
  ...kindsOf('worker', workerAttacks),
]
