import type { Utterance } from '@3cx-ninja/protocol'
import type { HelpdeskCapabilities } from '../helpdesk/helpdesk.ts'
import type { CommentBody, TicketBody } from '../helpdesk/writes.ts'
import type { DraftRecord } from './draftRecord.ts'
import type { NewWrite } from './outbox/rows.ts'
import { oneLine, truncate, visible } from './spokenText.ts'
import type { TicketTexts } from './texts/ticketTexts.ts'

// From a draft to the writes of the outbox. Pure, in the site's language; knows no helpdesk but its capabilities.

/** One final utterance with its time by wall clock. */
export type TimedUtterance = Utterance & {
  readonly atMs: number
  /** The technician of this line, where several talked; else the call's. */
  readonly agentName?: string
}

export interface WriteContext {
  readonly texts: TicketTexts
  readonly organizationForUnknown: string | null
  readonly capabilities: HelpdeskCapabilities
}

/** Returns the marker by which a call's ticket is found again: a tag, lower case as a helpdesk's search may fold case. */
export function markerOf(callId: string): string {
  return `call-${callId.toLowerCase()}`
}

/** Returns the ticket that a decided draft becomes. */
export function ticketBodyOf(
  record: DraftRecord,
  { texts, organizationForUnknown }: WriteContext,
): TicketBody {
  const { fields, callId } = record.draft
  const marker = markerOf(callId)
  const actions = fields.actions.map(({ text, done }) => `${done ? '[x]' : '[ ]'} ${oneLine(text)}`)
  return {
    kind: 'ticket',
    marker,
    subject: truncate(oneLine(fields.title), 200) || texts.phoneCall,
    description: [
      visible(fields.description),
      typedNamesOf(record, texts).join('\n'),
      actions.length > 0 ? [texts.labeled(texts.toDo, '').trimEnd(), ...actions].join('\n') : '',
      marker,
    ]
      .filter((one) => one !== '')
      .join('\n\n'),
    priority: fields.priority,
    organizationId: fields.organizationId ?? organizationForUnknown,
    requesterId: fields.contactId,
  }
}

/** Names that a technician typed and the helpdesk does not know: without an id they would be lost in the ticket. */
function typedNamesOf({ draft: { fields }, edited }: DraftRecord, texts: TicketTexts): readonly string[] {
  const typed = (label: string, name: string | null | undefined, id: string | null) =>
    name && id === null ? [texts.labeled(label, oneLine(name))] : []
  return [
    ...typed(texts.contact, edited.contactName, fields.contactId),
    ...typed(texts.organization, edited.organizationName, fields.organizationId),
  ]
}

/** Returns the transcript as a private comment, in speaking order, with a file of the same text and its times. */
export function commentBodyOf(
  { draft, call }: DraftRecord,
  utterances: readonly TimedUtterance[],
  { texts, capabilities }: WriteContext,
): CommentBody {
  const { callId } = draft
  const startMs = utterances[0]?.atMs ?? call.startedAtMs
  const marker = `transcript-${markerOf(callId)}`
  const names = {
    agent: oneLine(call.agentName ?? '') || texts.technician,
    caller: oneLine(draft.fields.contactName ?? call.remoteName ?? '') || texts.caller,
  }
  const lines = utterances.map(
    ({ atMs, channel, text, agentName = '' }) =>
      `[${clockOf(atMs - startMs)}] ${texts.labeled((channel === 'agent' && oneLine(agentName)) || names[channel], oneLine(text))}`,
  )
  const fileName = capabilities.commentFiles ? `${texts.transcriptFile(callId)}.txt` : undefined
  const shown = linesThatFit(lines, fileName, { texts, maxChars: capabilities.maxCommentChars })
  return {
    kind: 'comment',
    marker,
    body: [texts.transcript, shown, marker].join('\n\n'),
    ...(fileName === undefined ? {} : { fileName, file: `${lines.join('\n')}\n` }),
  }
}

/** Returns the same for a recording that broke off, with a marker of its own, so that the complete text can follow. */
export function cutCommentOf(
  record: DraftRecord,
  utterances: readonly TimedUtterance[],
  context: WriteContext,
): CommentBody {
  const { texts } = context
  const whole = commentBodyOf(record, utterances, context)
  const marker = `cut-${markerOf(record.draft.callId)}` // comments are searched by substring: it must not hold the other marker
  const body = whole.body.replace(texts.transcript, texts.transcriptUntilCut).replace(whole.marker, marker)
  return { ...whole, marker, body }
}

/** Returns the writes of a decided draft: the ticket, and the transcript as far as it exists. */
export async function writesOfDecision(
  record: DraftRecord,
  context: WriteContext,
  transcript: () => Promise<readonly TimedUtterance[]>,
): Promise<NewWrite[]> {
  const ticket = newWrite(record, ticketBodyOf(record, context))
  // An agent that died during the call may never send the rest: the ticket gets the text so far, and the whole if it comes.
  const isCut = record.call.presumedOverAtMs !== undefined && record.draft.transcript === 'late'
  const utterances = record.draft.transcript === 'complete' || isCut ? await transcript() : []
  if (utterances.length === 0) return [ticket]
  const comment = (isCut ? cutCommentOf : commentBodyOf)(record, utterances, context)
  return [ticket, newWrite(record, comment)]
}

/** Returns facts that came after the ticket was decided, as a private comment. The revision tells two such comments apart. */
export function factsCommentOf(
  { draft }: DraftRecord,
  facts: readonly string[],
  { texts }: Pick<WriteContext, 'texts'>,
): CommentBody {
  const marker = `facts-${draft.revision}-${markerOf(draft.callId)}`
  return { kind: 'comment', marker, body: [texts.newFacts, facts.join('\n'), marker].join('\n\n') }
}

/** Returns a write as it enters the outbox: due at once, never tried. */
export function newWrite(
  { draft: { draftId, callId } }: DraftRecord,
  body: TicketBody | CommentBody,
): NewWrite {
  const state = { at: 'waiting', dueAtMs: 0, attempts: 0, unconfirmedSinceMs: null } as const
  return { draftId, callId, kind: body.kind, write: body, state }
}

function linesThatFit(
  lines: readonly string[],
  fileName: string | undefined,
  { texts, maxChars }: { readonly texts: TicketTexts; readonly maxChars: number },
): string {
  const whole = lines.join('\n')
  if (whole.length <= maxChars) return whole
  const end = whole.lastIndexOf('\n', maxChars)
  const shown = whole.slice(0, end > 0 ? end : maxChars)
  return `${shown}\n\n${texts.moreLines(lines.length - shown.split('\n').length, fileName)}`
}

function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  return `${hours > 0 ? `${hours}:` : ''}${two(minutes)}:${two(seconds % 60)}`
}
