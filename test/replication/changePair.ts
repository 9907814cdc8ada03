import type { AgentToHub, DraftId } from '@3cx-ninja/protocol'
import { createDraftController, type DraftController } from '../../agent/src/main/drafts/draftController.ts'
import type { PendingChange } from '../../agent/src/main/drafts/pendingChange.ts'
import type { FilingWorld, Life } from '../../hub/testing/filingWorld.ts'
import { AGENT } from '../../hub/testing/ticketBuilders.ts'

/** Returns the drafts of a real hub and the desk of a real agent with its disk, over a line that can be cut. */
export function createChangePair(world: FilingWorld, life: Life) {
  let changes: readonly PendingChange[] = []
  let line = 0
  let isUp = false
  let desk: DraftController = start()
  const said: AgentToHub[] = []
  /** The queue in which the hub handles one message after the other. */
  let turn: Promise<unknown> = Promise.resolve()

  function start(): DraftController {
    return createDraftController({
      clock: world.clock,
      store: {
        all: () => changes,
        async keep(draftId, pending) {
          changes = [
            ...changes.filter((each) => each.draft.draftId !== draftId),
            ...(pending ? [pending] : []),
          ]
        },
      },
      send(message) {
        if (!isUp) return false
        const mine = line
        said.push(message)
        turn = turn.then(() => (mine === line ? receive(message, mine) : undefined))
        return true
      },
      onChange: () => undefined,
      onPendingChange: () => undefined,
      onSaveFailed(cause) {
        throw cause
      },
    })
  }
  async function receive(message: AgentToHub, mine: number): Promise<void> {
    if (message.kind === 'draft-visible') return life.drafts.visible(AGENT, message.draftId)
    if (message.kind !== 'draft-edit' && message.kind !== 'draft-decide') return
    const { draftId, baseRevision } = message
    const outcome = await (message.kind === 'draft-edit'
      ? life.drafts.edit(AGENT, draftId, baseRevision, message.changes)
      : life.drafts.decide(AGENT, draftId, baseRevision, message.decision))
    // An answer on a cut line is lost.
    if (outcome.ok || mine !== line) return
    const { reason, draft } = outcome
    desk.received({ kind: 'draft-refused', draftId, reason, ...(draft ? { draft } : {}) })
  }
  life.drafts.onChange((draft, agentId) => {
    if (isUp && agentId === AGENT) desk.received({ kind: 'draft', draft })
  })

  const cut = () => {
    if (!isUp) return
    line += 1
    isUp = false
    desk.linkDown()
    life.drafts.agentGone(AGENT)
  }
  return {
    said,
    get desk() {
      return desk
    },
    card: (draftId: DraftId) => desk.cards().find(({ draft }) => draft.draftId === draftId),
    kept: () => changes,
    cut,
    connect() {
      if (isUp) return
      isUp = true
      desk.linkUp()
      for (const draft of life.drafts.forAgent(AGENT)) desk.received({ kind: 'draft', draft })
    },
    /** Kills the agent (kill -9) and starts a new one: only the disk remains. */
    restart() {
      cut()
      desk = start()
    },
    /** Resolves once no message is in flight. */
    async settle() {
      for (let before: unknown; before !== turn;) {
        before = turn
        await turn
        await world.pass(0)
      }
    },
  }
}
