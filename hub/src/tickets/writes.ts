import type { CallId, Utterance } from '@3cx-ninja/protocol'
import type { DraftRecord } from './draftRecord.ts'
import type { CommentBody, NewWrite, TicketBody } from './outbox/rows.ts'
import { cut, oneLine, visible } from './spokenText.ts'

/** NinjaOne documents no limit for a comment's text: a longer transcript is cut there, and whole in the file beside it. */
export const MAX_COMMENT_CHARS = 30_000

/** What finds a call's ticket again in NinjaOne: a tag, lower case as NinjaOne's search may fold case. */
export function markerOf(callId: string): string {
  return `call-${callId.toLowerCase()}`
}

/** The ticket that a decided draft becomes. */
export function ticketBodyOf({ draft }: DraftRecord, organizationForUnknown: string | null): TicketBody {
  const { fields, callId } = draft
  const marker = markerOf(callId)
  const actions = fields.actions.map(({ text, done }) => `${done ? '[x]' : '[ ]'} ${oneLine(text)}`)
  return {
    kind: 'ticket',
    marker,
    subject: cut(oneLine(fields.title), 200) || 'Appel téléphonique',
    description: [
      visible(fields.description),
      actions.length > 0 ? `À faire :\n${actions.join('\n')}` : '',
      marker,
    ]
      .filter((one) => one !== '')
      .join('\n\n'),
    priority: fields.priority,
    organizationId: fields.organizationId ?? organizationForUnknown,
    requesterId: fields.contactId,
  }
}

/** The transcript as a private comment, in speaking order, with a file of the same text and its times. */
export function commentBodyOf(
  { draft, call }: DraftRecord,
  lines: readonly (Utterance & { atMs: number })[],
): CommentBody {
  const { callId } = draft
  const startMs = lines[0]?.atMs ?? call.startedAtMs
  const marker = `transcript-${markerOf(callId)}`
  const names = {
    agent: oneLine(call.agentName ?? '') || 'Technicien',
    caller: oneLine(draft.fields.contactName ?? call.remoteName ?? '') || 'Appelant',
  }
  const spoken = lines.map(
    (line) => `[${clockOf(line.atMs - startMs)}] ${names[line.channel]} : ${oneLine(line.text)}`,
  )
  const fileName = `transcription-${callId}.txt`
  const shown = `Transcription de l'appel\n\n${spokenInBody(spoken, fileName)}\n\n${marker}`
  return { kind: 'comment', marker, body: shown, fileName, file: `${spoken.join('\n')}\n` }
}

/** The same of a call whose recording broke off: a mark of its own, so that the whole text can follow. */
export function cutCommentOf(
  record: DraftRecord,
  lines: readonly (Utterance & { atMs: number })[],
): CommentBody {
  const whole = commentBodyOf(record, lines)
  const marker = `cut-${markerOf(record.draft.callId)}` // NinjaOne is searched by substring: it must not hold the other one
  const body = whole.body
    .replace("Transcription de l'appel", "Transcription de l'appel, jusqu'à la coupure du poste")
    .replace(whole.marker, marker)
  return { ...whole, marker, body }
}

/** What a draft that is decided puts into the outbox: the ticket, and the text as far as it is there. */
export async function writesOfDecision(
  record: DraftRecord,
  organizationForUnknown: string | null,
  linesOf: (callId: CallId) => Promise<readonly (Utterance & { atMs: number })[]>,
): Promise<NewWrite[]> {
  const ticket = newWrite(record, ticketBodyOf(record, organizationForUnknown))
  const { callId, transcript } = record.draft
  // An agent that died in mid-call may never bring the rest: then what was heard goes with the ticket, the whole if it comes.
  const isCut = record.call.presumedOverAtMs !== undefined && transcript === 'late'
  const lines = transcript === 'complete' || isCut ? await linesOf(callId) : []
  const comment = isCut ? cutCommentOf : commentBodyOf
  return lines.length > 0 ? [ticket, newWrite(record, comment(record, lines))] : [ticket]
}

/** What became known of a call after its ticket was decided, as a private comment. The revision tells two such comments apart. */
export function factsCommentOf({ draft }: DraftRecord, facts: readonly string[]): CommentBody {
  const marker = `facts-${draft.revision}-${markerOf(draft.callId)}`
  return { kind: 'comment', marker, body: ["Précisions sur l'appel", facts.join('\n'), marker].join('\n\n') }
}

/** A write as it enters the outbox. */
export function newWrite(
  { draft: { draftId, callId } }: DraftRecord,
  body: TicketBody | CommentBody,
): NewWrite {
  const state = { at: 'waiting', dueAtMs: 0, attempts: 0, doubtSinceMs: null } as const
  return { draftId, callId, kind: body.kind, write: body, state }
}

function spokenInBody(spoken: readonly string[], fileName: string): string {
  const whole = spoken.join('\n')
  if (whole.length <= MAX_COMMENT_CHARS) return whole
  const end = whole.lastIndexOf('\n', MAX_COMMENT_CHARS)
  const begin = whole.slice(0, end > 0 ? end : MAX_COMMENT_CHARS)
  const left = spoken.length - begin.split('\n').length
  return `${begin}\n\n[… ${left} lignes de plus : le texte entier est dans ${fileName}]`
}

function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  return `${hours > 0 ? `${hours}:` : ''}${two(minutes)}:${two(seconds % 60)}`
}
