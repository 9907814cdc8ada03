import type {
  AgentId,
  AgentSettings,
  CallId,
  Draft,
  HubToAgent,
  RecordingId,
  Utterance,
} from '@3cx-ninja/protocol'
import { callFactsOf } from '../calls/callFacts.ts'
import type { Calls } from '../calls/calls.ts'
import type { Drafts } from '../tickets/drafts.ts'
import type { PagedSender } from './pagedSender.ts'
import { socketsTuning } from './tuning.ts'

/** What an agent must have after its hello comes from these. */
export interface AgentWelcomeNeeds {
  readonly calls: Calls
  readonly drafts: Drafts
  readonly erasures: { ofAgent(agentId: AgentId): Iterable<RecordingId> }
  readonly settings: () => AgentSettings
  /** Resolves with every utterance of an active call so far. Rule U3. */
  readonly utterancesOf: (callId: CallId) => Promise<readonly Utterance[]>
}

/** Sends an agent settings and live facts, then in pages its erasures, its drafts and the text of its active calls. Rules S1, C7, R10, D8 and U3. */
export function welcomeAgent(
  { calls, drafts, erasures, settings, utterancesOf }: AgentWelcomeNeeds,
  { agentId, extension }: { readonly agentId: AgentId; readonly extension: string },
  link: { send(message: HubToAgent): unknown },
  pages: Pick<PagedSender<HubToAgent>, 'add'>,
): void {
  link.send(settings())
  if (extension) for (const message of callFactsOf(calls, extension)) link.send(message)
  // Also of recordings that the hub erased by itself, or on another PC: copies and what was fetched for playback go. Rule R10.
  pages.add(erasureMessages(erasures.ofAgent(agentId)))
  pages.add(draftMessages(drafts.forAgent(agentId)))
  const active = calls.unsettledOf(agentId).slice(-socketsTuning.maxCallsCaughtUp)
  for (const { callId } of active) pages.add(utteranceMessages(utterancesOf, callId))
}

function* erasureMessages(recordingIds: Iterable<RecordingId>): Iterable<HubToAgent> {
  for (const recordingId of recordingIds) yield { kind: 'recording-erased', recordingId }
}

function* draftMessages(drafts: Iterable<Draft>): Iterable<HubToAgent> {
  for (const draft of drafts) yield { kind: 'draft', draft }
}

/** Reads the call's text only when its turn comes: one query of an agent at a time. */
async function* utteranceMessages(
  utterancesOf: AgentWelcomeNeeds['utterancesOf'],
  callId: CallId,
): AsyncIterable<HubToAgent> {
  for (const utterance of await utterancesOf(callId)) yield { kind: 'utterance', callId, utterance }
}
