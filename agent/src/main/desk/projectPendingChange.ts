import type { Draft, DraftFields } from '@3cx-ninja/protocol'
import type { DeskPendingChange } from '../../ipc/deskSnapshot.ts'
import type { PendingChange } from '../drafts/pendingChange.ts'
import { conflictsOf, fieldsOf } from '../drafts/changedFields.ts'

/** Returns a pending change as the page shows it. Pure. */
export function projectPendingChange(pending: PendingChange, draft: Draft): DeskPendingChange {
  const { stage, choice, changes } = pending
  const shown = stage.at === 'undelivered' ? fieldsOf(changes) : conflictsOf(pending, draft)
  return {
    at: stage.at,
    ...(stage.at === 'undelivered' ? { why: stage.why } : {}),
    fields: [...fieldsOf(changes)],
    ...(choice
      ? {
          decision: {
            choice: choice.decision.kind,
            madeAtMs: choice.madeAtMs,
            needsConfirmation: choice.needsConfirmation,
          },
        }
      : {}),
    texts: shown
      // The helpdesk's id of a name says nothing to people.
      .filter((field) => field !== 'contactId' && field !== 'organizationId')
      .map((field) => ({ field, mine: inWords(changes[field]), hub: inWords(draft.fields[field]) })),
  }
}

function inWords(value: DraftFields[keyof DraftFields] | undefined): string {
  if (Array.isArray(value)) return value.map(({ text, done }) => `${done ? '✓' : '–'} ${text}`).join('\n')
  return value ?? ''
}
