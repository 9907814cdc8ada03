import type { DraftId } from '@3cx-ninja/protocol'

/** Tracks which cards are on a screen, over all pages: a page that closes does not hide a card that another page shows. */
export function createVisibleCards(shown: (draftId: DraftId, visible: boolean) => void) {
  const screens = new Set<Set<DraftId>>()
  const isShown = (draftId: DraftId) => [...screens].some((cards) => cards.has(draftId))
  const change = (draftId: DraftId, apply: () => void) => {
    const before = isShown(draftId)
    apply()
    const after = isShown(draftId)
    if (before !== after) shown(draftId, after)
  }
  return {
    openScreen() {
      const cards = new Set<DraftId>()
      screens.add(cards)
      return {
        show: (draftId: DraftId, visible: boolean) =>
          change(draftId, () => void (visible ? cards.add(draftId) : cards.delete(draftId))),
        leave() {
          for (const draftId of [...cards]) change(draftId, () => void cards.delete(draftId))
          screens.delete(cards)
        },
      }
    },
  }
}
