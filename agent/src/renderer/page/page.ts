import { createContext, useContext, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import type { DeskBridge } from '../../ipc/channels.ts'
import type { DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import { ticker, type PageClock } from '../clock.ts'
import { createDeskStore, type DeskShown } from '../stores/deskStore.ts'
import { createDraftEdits, type OpenEdits } from '../stores/draftEdits.ts'
import { createScreenStore, type Screen } from '../stores/screenStore.ts'
import { createSoundStore, type Sound } from '../stores/soundStore.ts'
import { createActions, type Actions } from './actions.ts'
import { createDecide } from './decide.ts'
import { createDiscards } from './discards.ts'
import { followCalls } from './followCalls.ts'
import { createNotices, type Notices } from './notices.ts'
import type { PageParts } from './pageParts.ts'
import { watchVisible } from './watchVisible.ts'

/**
 * Returns the page: its stores, its bridge to main and its actions, all outside React. It lives as long as the window
 * and draws nothing: the views subscribe to it.
 */
export function createPage({
  bridge,
  clock,
}: {
  readonly bridge: DeskBridge
  readonly clock: PageClock
}): Page {
  const desk = createDeskStore(bridge, clock)
  const screen = createScreenStore()
  const notices = createNotices({ screen, clock })
  const notice: PageParts['notice'] = (...args) => void notices.show(...args)
  const edits = createDraftEdits({ bridge, clock, onAway: () => notice('bad', 'draft.hint.away') })
  const sound = createSoundStore({ bridge, onGone: (why) => notice('bad', `transcript.noSound.${why}`) })
  desk.subscribe(({ desk: now }, { desk: before }) => {
    if (now && now !== before) edits.snapshot(now.drafts, now.hub.at === 'open')
  })
  const parts: PageParts = { bridge, desk, screen, edits, sound, notice }
  followCalls(parts)
  watchVisible(parts)
  const decide = createDecide(parts)
  const discards = createDiscards({ desk, screen, clock, decide })
  window.addEventListener('pagehide', discards.flush)
  return { ...parts, notices, act: createActions({ ...parts, notices, decide, discards }) }
}
export interface Page extends PageParts {
  readonly act: Actions
  readonly notices: Notices
}

const PageContext = createContext<Page | undefined>(undefined)
export const PageProvider = PageContext.Provider

export function usePage(): Page {
  const page = useContext(PageContext)
  if (!page) throw new Error('this view stands outside its page')
  return page
}

export const useDesk = <Part>(part: (shown: DeskShown) => Part): Part => useStore(usePage().desk, part)
export const useScreen = <Part>(part: (screen: Screen) => Part): Part => useStore(usePage().screen, part)
export const useSound = <Part>(part: (sound: Sound) => Part): Part =>
  useStore(usePage().sound.store, ({ sound }) => part(sound))
export const useEdits = (): OpenEdits => useStore(usePage().edits.store, ({ edits }) => edits)

/** Returns the newest snapshot. Throws without one: app.tsx draws the views only once main has sent it. */
export function useSnapshot(): DeskSnapshot {
  const desk = useDesk((shown) => shown.desk)
  if (!desk) throw new Error('this view needs a snapshot')
  return desk
}

/** Returns the milliseconds since the newest snapshot arrived, updated four times a second while `isRunning`; else 0. */
export function useSinceSnapshot(isRunning: boolean): number {
  const receivedMs = useDesk((shown) => shown.receivedMs)
  const nowMs = useSyncExternalStore(isRunning ? ticker.subscribe : subscribeToNothing, ticker.now)
  return isRunning ? Math.max(0, nowMs - receivedMs) : 0
}
const subscribeToNothing = () => () => undefined
