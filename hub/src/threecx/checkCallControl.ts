import type { Clock } from '@3cx-ninja/protocol'
import { openEventSocket } from './eventSocket.ts'
import { readSnapshot } from './participant.ts'
import type { PbxAccess } from './pbxAccess.ts'
import type { PbxAccount } from './pbxAccount.ts'
import { pbxErrorOfList } from './pbxConnection.ts'
import { causeOf, remedyOf, type PbxError, type PbxErrorCode } from './pbxError.ts'
import { MAX_LIST_BYTES, type CallControlTuning } from './tuning.ts'

/** What following calls needs, in the order in which it can fail. */
export const CHECK_STEPS = [
  'address',
  'certificate',
  'sign-in',
  'right',
  'stream',
  'extensions',
  'agents',
] as const
/** One step of the check, by what it proves. */
export type CheckStep = (typeof CHECK_STEPS)[number]

/** The outcome of one step, with the PBX's error where it failed. */
export interface CheckedStep {
  readonly what: CheckStep
  readonly ok: boolean
  /** Why not, where the PBX is why. */
  readonly code?: PbxErrorCode
  readonly detail: string
  /** Who is concerned: 'Nadia Benali (201)'. */
  readonly names?: readonly string[]
}

const STEP_OF: Readonly<Record<PbxErrorCode, CheckStep>> = {
  'unknown-host': 'address',
  'no-connection': 'address',
  busy: 'address',
  cut: 'address',
  certificate: 'certificate',
  'ca-file': 'certificate',
  credentials: 'sign-in',
  'token-replaced': 'sign-in',
  'unexpected-answer': 'sign-in',
  forbidden: 'right',
  license: 'right',
  'no-call-control': 'right',
}

/** An enrolled agent, as the check names it. */
export interface Person {
  readonly name: string
  readonly extension: string | null
}

/** Checks the PBX for real, step by step, up to the first that fails. Never rejects: a failure is a step. */
export async function checkCallControl(needs: {
  readonly account: PbxAccount
  readonly access: PbxAccess
  readonly clock: Clock
  readonly tuning: CallControlTuning
  /** The stream is open already: a second one is not tried, for it is unknown whether 3CX allows two. */
  readonly isOpen: boolean
  readonly agents: readonly Person[]
}): Promise<readonly CheckedStep[]> {
  const { account, access, clock, tuning } = needs
  const token = await access.token()
  if (!token.ok) return upTo(token.pbxError)
  const answer = await access.get('/callcontrol', { maxBytes: MAX_LIST_BYTES })
  const snapshot = answer.kind === 'answer' && answer.status === 200 ? readSnapshot(answer.body) : undefined
  if (!snapshot) {
    const pbxError = access.explain(pbxErrorOfList(answer))
    return upTo(pbxError, pbxError.code === 'unexpected-answer' ? 'right' : undefined)
  }
  const stream = needs.isOpen ? undefined : await streamError({ account, access, clock, tuning })
  if (stream) return upTo(stream, 'stream')
  const seen = [...snapshot.numbers].filter(([number, type]) => number !== account.clientId && ['', 'Wextension'].includes(type)) // prettier-ignore
  if (seen.length === 0)
    return [
      ...stepsBefore('extensions'),
      {
        what: 'extensions',
        ok: false,
        detail: 'the client sees no extension: in 3CX, list the technicians’ extensions on it, one by one',
      },
    ]
  const unseen = unseenAgents(needs.agents, seen.map(([number]) => number)) // prettier-ignore
  return [
    ...stepsBefore('extensions'),
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

/** Returns the enrolled agents whose extension the API client does not see, as 'Nadia Benali (201)'. */
export function unseenAgents(agents: readonly Person[], extensions: readonly string[]): readonly string[] {
  return agents
    .filter(({ extension }) => extension === null || !extensions.includes(extension))
    .map(({ name, extension }) => (extension === null ? name : `${name} (${extension})`))
}

async function streamError(needs: {
  readonly account: PbxAccount
  readonly access: PbxAccess
  readonly clock: Clock
  readonly tuning: CallControlTuning
}): Promise<PbxError | undefined> {
  const token = await needs.access.token()
  if (!token.ok) return token.pbxError
  const socket = await openEventSocket({ ...needs, token: token.value, onFrame: () => undefined })
  const isOpen = await socket.opened
  socket.close()
  const { pbxError } = await socket.ended
  return isOpen ? undefined : pbxError
}

const stepsBefore = (step: CheckStep): readonly CheckedStep[] =>
  CHECK_STEPS.slice(0, CHECK_STEPS.indexOf(step)).map((what) => ({ what, ok: true, detail: '' }))

function upTo(pbxError: PbxError, step = STEP_OF[pbxError.code]): readonly CheckedStep[] {
  const detail = `${causeOf(pbxError)}. ${remedyOf(pbxError)}`
  return [...stepsBefore(step), { what: step, ok: false, code: pbxError.code, detail }]
}
