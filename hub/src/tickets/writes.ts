import type { Utterance } from '@3cx-ninja/protocol'
import type { DraftRecord } from './draftRecord.ts'
import type { CommentBody, NewWrite, TicketBody } from './outbox/outbox.ts'

/** What finds a call's ticket again in NinjaOne: a tag, lower case as NinjaOne's search may fold case. */
export function markerOf(callId: string): string {
  return `call-${callId.toLowerCase()}`
}

/** The ticket that a decided draft becomes. */
export function ticketWrite({ draft }: DraftRecord, organizationForUnknown: number | null): NewWrite {
  const { fields, callId, draftId } = draft
  const marker = markerOf(callId)
  const actions = fields.actions.map(({ text, done }) => `${done ? '[x]' : '[ ]'} ${text}`)
  const body: TicketBody = {
    kind: 'ticket',
    marker,
    subject: fields.title.slice(0, 200) || 'Appel téléphonique',
    description: [fields.description, actions.join('\n'), marker].filter((one) => one !== '').join('\n\n'),
    priority: fields.priority,
    organizationId: fields.organizationId ?? organizationForUnknown,
    requesterUid: fields.contactUid,
  }
  return {
    draftId,
    callId,
    kind: 'ticket',
    write: body,
    state: { at: 'waiting', dueAtMs: 0, attempts: 0, doubtSinceMs: null },
  }
}

/** The transcript as a private comment, in speaking order, with a file of the same text and its times. */
export function commentWrite(
  { draft, call }: DraftRecord,
  lines: readonly (Utterance & { atMs: number })[],
): NewWrite {
  const { callId, draftId } = draft
  const startMs = lines[0]?.atMs ?? call.startedAtMs
  const marker = `transcript-${markerOf(callId)}`
  const names = {
    agent: call.agentName ?? 'Technicien',
    caller: draft.fields.contactName ?? call.remoteName ?? 'Appelant',
  }
  const spoken = lines.map(
    (line) => `[${clockOf(line.atMs - startMs)}] ${names[line.channel]} : ${line.text}`,
  )
  const body: CommentBody = {
    kind: 'comment',
    marker,
    body: `Transcription de l'appel\n\n${spoken.join('\n')}\n\n${marker}`,
    fileName: `transcription-${callId}.txt`,
    file: `${spoken.join('\n')}\n`,
  }
  return {
    draftId,
    callId,
    kind: 'comment',
    write: body,
    state: { at: 'waiting', dueAtMs: 0, attempts: 0, doubtSinceMs: null },
  }
}

function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
}
