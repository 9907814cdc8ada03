import type { DraftId } from '@3cx-ninja/protocol'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { z } from 'zod'
import { openDurableFile, type DurableFileNeeds } from '../storage/durableFile.ts'
import { wishSchema, type Wish } from './pendingChange.ts'

const BOUND_TO = 'draft-wishes'
const content = z.object({ version: z.literal(1), wishes: z.array(wishSchema) })
type Content = z.infer<typeof content>

export interface WishStore {
  all(): readonly Wish[]
  /** Durable when resolved; `undefined` forgets it. */
  keep(draftId: DraftId, wish: Wish | undefined): Promise<void>
}

/**
 * What technicians want of drafts, kept over restarts until the hub has accepted it. Encrypted: a ticket's text is what
 * people said.
 */
export async function openWishStore(needs: {
  readonly path: string
  readonly masterKey: Pick<MasterKey, 'wrap' | 'unwrap'>
  readonly onBroken: DurableFileNeeds<Content>['onBroken']
}): Promise<WishStore> {
  const { masterKey } = needs
  const file = await openDurableFile<Content>({
    path: needs.path,
    onBroken: needs.onBroken,
    schema: content,
    empty: { version: 1, wishes: [] },
    seal: {
      close: (text) => JSON.stringify(masterKey.wrap(Buffer.from(text), BOUND_TO)),
      open: (text) => masterKey.unwrap(sealed.parse(JSON.parse(text)), BOUND_TO).toString('utf8'),
    },
  })
  return {
    all: () => file.value.wishes,
    keep(draftId, wish) {
      const others = file.value.wishes.filter((each) => each.draft.draftId !== draftId)
      if (!wish && others.length === file.value.wishes.length) return Promise.resolve()
      return file.save({ version: 1, wishes: wish ? [...others, wish] : others })
    },
  }
}

const sealed = z.object({ masterKeyId: z.string(), box: z.string() })
