import type { Clock } from '@3cx-ninja/protocol'
import { openEventSocket } from './eventSocket.ts'
import { readSnapshot } from './participant.ts'
import type { PbxAccess } from './pbxAccess.ts'
import type { PbxAccount } from './pbxAccount.ts'
import { troubleOfList } from './pbxSession.ts'
import { causeOf, remedyOf, type Trouble, type TroubleCode } from './trouble.ts'
import { MAX_LIST_BYTES, type CallControlTuning } from './tuning.ts'

/** What hearing calls needs, in the order in which it can fail. */
export const CHECK_STEPS = [
  'address',
  'certificate',
  'sign-in',
  'right',
  'stream',
  'extensions',
  'agents',
] as const
export type CheckStep = (typeof CHECK_STEPS)[number]

export interface CheckedStep {
  readonly what: CheckStep
  readonly ok: boolean
  /** Why not, where the PBX is why. */
  readonly code?: TroubleCode
  readonly detail: string
  /** Who is concerned: 'Nadia Benali (201)'. */
  readonly names?: readonly string[]
}

const STEP_OF: Readonly<Record<TroubleCode, CheckStep>> = {
  'unknown-host': 'address',
  'no-connection': 'address',
  busy: 'address',
  cut: 'address',
  certificate: 'certificate',
  'ca-file': 'certificate',
  credentials: 'sign-in',
  rivalled: 'sign-in',
  'odd-answer': 'sign-in',
  forbidden: 'right',
  license: 'right',
  'no-call-control': 'right',
}

export interface Person {
  readonly name: string
  readonly extension: string | null
}

/** Asks the PBX for real, step by step, up to the first that fails. Does not reject. */
export async function checkCallControl(needs: {
  readonly account: PbxAccount
  readonly access: PbxAccess
  readonly clock: Clock
  readonly tuning: CallControlTuning
  /** The stream is open already: a second one is not tried, for nobody knows whether 3CX bears two. */
  readonly isOpen: boolean
  readonly agents: readonly Person[]
}): Promise<readonly CheckedStep[]> {
  const { account, access, clock, tuning } = needs
  const given = await access.token()
  if (!given.ok) return upTo(given.trouble)
  const answer = await access.get('/callcontrol', { maxBytes: MAX_LIST_BYTES })
  const snapshot = answer.is === 'answer' && answer.status === 200 ? readSnapshot(answer.body) : undefined
  if (!snapshot) {
    const trouble = access.explain(troubleOfList(answer))
    return upTo(trouble, trouble.code === 'odd-answer' ? 'right' : undefined)
  }
  const stream = needs.isOpen ? undefined : await streamTrouble({ account, access, clock, tuning })
  if (stream) return upTo(stream, 'stream')
  const seen = [...snapshot.numbers].filter(([number, type]) => number !== account.clientId && ['', 'Wextension'].includes(type)) // prettier-ignore
  if (seen.length === 0)
    return [
      ...before('extensions'),
      {
        what: 'extensions',
        ok: false,
        detail: 'the client sees no extension: in 3CX, list the technicians’ extensions on it, one by one',
      },
    ]
  const unseen = unseenAgents(needs.agents, seen.map(([number]) => number)) // prettier-ignore
  return [
    ...before('extensions'),
    { what: 'extensions', ok: true, detail: String(seen.length) },
    unseen.length === 0
      ? { what: 'agents', ok: true, detail: String(needs.agents.length) }
      : {
          what: 'agents',
          ok: false,
          detail: 'not listed on the client in 3CX; their calls are noticed by their agents only',
          names: unseen,
        },
  ]
}

/** Enrolled agents whose extension the API client does not see. */
export function unseenAgents(agents: readonly Person[], extensions: readonly string[]): readonly string[] {
  return agents
    .filter(({ extension }) => extension === null || !extensions.includes(extension))
    .map(({ name, extension }) => (extension === null ? name : `${name} (${extension})`))
}

async function streamTrouble(needs: {
  readonly account: PbxAccount
  readonly access: PbxAccess
  readonly clock: Clock
  readonly tuning: CallControlTuning
}): Promise<Trouble | undefined> {
  const given = await needs.access.token()
  if (!given.ok) return given.trouble
  const socket = await openEventSocket({ ...needs, token: given.value, onFrame: () => undefined })
  const isOpen = await socket.opened
  socket.close()
  const { trouble } = await socket.ended
  return isOpen ? undefined : trouble
}

const before = (step: CheckStep): readonly CheckedStep[] =>
  CHECK_STEPS.slice(0, CHECK_STEPS.indexOf(step)).map((what) => ({ what, ok: true, detail: '' }))

function upTo(trouble: Trouble, step = STEP_OF[trouble.code]): readonly CheckedStep[] {
  const detail = `${causeOf(trouble)}. ${remedyOf(trouble)}`
  return [...before(step), { what: step, ok: false, code: trouble.code, detail }]
}
