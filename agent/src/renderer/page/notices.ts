import type { PageClock } from '../clock.ts'
import type { Notice, ScreenStore } from '../stores/screenStore.ts'

/** Long enough to read one sentence twice. */
const NOTICE_MS = 6_000
const MAX_NOTICES = 3

/** Short notices that go by themselves, but never while somebody points at one or has the focus in it. */
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
      // The same thing said twice is one notice.
      const others = screen.getState().notices.filter((each) => each.text !== text)
      screen.setState({ notices: [...others.slice(1 - MAX_NOTICES), shown] })
      release(id)
      return id
    },
    /** Somebody reads it: it stays. */
    pin: (id: Notice['id']) => timers.get(id)?.(),
    /** Nobody does any more. */
    release,
    dismiss,
  }
}
export type Notices = ReturnType<typeof createNotices>
