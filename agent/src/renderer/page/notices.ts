import type { PageClock } from '../clock.ts'
import type { Notice, ScreenStore } from '../stores/screenStore.ts'

/** A reader can read one sentence twice in this time. */
const NOTICE_MS = 6_000
const MAX_NOTICES = 3

/** Returns the short notices: each disappears by itself, but not while the pointer or the focus is on it. */
export function createNotices({
  screen,
  clock,
}: {
  readonly screen: ScreenStore
  readonly clock: PageClock
}) {
  const timers = new Map<Notice['id'], () => void>()
  let last = 0

  const dismiss = (id: Notice['id']) => {
    timers.get(id)?.()
    timers.delete(id)
    screen.setState(({ notices }) => ({ notices: notices.filter((each) => each.id !== id) }))
  }
  const release = (id: Notice['id']) => {
    timers.get(id)?.()
    timers.set(
      id,
      clock.after(NOTICE_MS, () => dismiss(id)),
    )
  }
  return {
    show(tone: Notice['tone'], text: string, action?: Notice['action']): Notice['id'] {
      const id = ++last
      const shown = { id, tone, text, ...(action ? { action } : {}) }
      // A repeated text replaces its earlier notice.
      const others = screen.getState().notices.filter((each) => each.text !== text)
      screen.setState({ notices: [...others.slice(1 - MAX_NOTICES), shown] })
      release(id)
      return id
    },
    /** Stops the timer of the notice, because the pointer or the focus is on it. */
    pin: (id: Notice['id']) => timers.get(id)?.(),
    /** Starts the timer of the notice again. */
    release,
    dismiss,
  }
}
export type Notices = ReturnType<typeof createNotices>
