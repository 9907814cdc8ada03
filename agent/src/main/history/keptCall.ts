import { callerIdentity, callId, callSnapshot, draft, wallClockMs } from '@3cx-ninja/protocol'
import { z } from 'zod'
import type { PastCall } from '../../ipc/channels.ts'
import { deskLine } from '../../ipc/deskSnapshot.ts'

/** A call as this PC stores it. */
export const keptCall = z.object({
  version: z.literal(1),
  /** Phase and recording as last reported. */
  call: callSnapshot,
  /** The hub's id of the call: drafts and late lines come under it. */
  canonicalId: callId.optional(),
  caller: callerIdentity.optional(),
  draft: draft.optional(),
  lines: z.array(deskLine),
  changedAtMs: wallClockMs,
})
export type KeptCall = z.infer<typeof keptCall>

/** Returns the call as the list shows it. */
export function toPastCall({ call, caller, draft: made }: KeptCall, found?: string): PastCall {
  const name = caller?.contactName ?? call.remoteName
  return {
    callId: call.callId,
    startedAtMs: call.startedAtMs,
    direction: call.direction,
    missed: call.phase === 'missed',
    recorded: call.recording === 'erased' ? 'erased' : call.recordingId ? 'yes' : 'no',
    ...(call.talkingSinceMs !== undefined && call.endedAtMs !== undefined
      ? { talkMs: Math.max(0, call.endedAtMs - call.talkingSinceMs) }
      : {}),
    ...(call.remoteNumber ? { number: call.remoteNumber } : {}),
    ...(name ? { name } : {}),
    ...(caller?.organizationName ? { organization: caller.organizationName } : {}),
    ...(made?.fields.title ? { title: made.fields.title } : {}),
    ticket: ticketOf(made),
    ...(found ? { found } : {}),
  }
}

function ticketOf(made: KeptCall['draft']): PastCall['ticket'] {
  if (!made) return { at: 'none' }
  const { state } = made
  switch (state.at) {
    case 'filed':
      return { at: 'filed', ticketId: state.ticketId, ...(state.ticketUrl ? { url: state.ticketUrl } : {}) }
    case 'blocked':
      return { at: 'blocked', detail: state.detail }
    case 'discarded':
      return { at: 'discarded' }
    case 'collecting':
    case 'proposed':
    case 'countdown':
    case 'held':
    case 'parked':
    case 'filing':
      return { at: 'waiting' }
  }
}
