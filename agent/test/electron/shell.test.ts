import { describe, expect, it } from 'vitest'
import { callId } from '@3cx-ninja/protocol'
import type { DeskEvent } from '../../src/ipc/channels.ts'
import type { DeskSnapshot } from '../../src/ipc/deskSnapshot.ts'
import { callLinkOf } from '../../src/main/electron/callLink.ts'
import type { Notice } from '../../src/main/electron/notices.ts'
import { createShellWatch } from '../../src/main/electron/shellWatch.ts'
import { trayModelOf, type TrayModel } from '../../src/main/electron/trayModel.ts'
import { boundsForWindow } from '../../src/main/electron/windowBounds.ts'
import { aDesk, aDeskCall, aDeskDraft } from '../../testing/electron/aDesk.ts'

const START_MS = Date.UTC(2026, 0, 5, 9)
const iconOf = (changes: Partial<DeskSnapshot>) => trayModelOf(aDesk(changes), 'en').icon
const commandsOf = (changes: Partial<DeskSnapshot>) =>
  trayModelOf(aDesk(changes), 'en').menu.map(({ command }) => command)
const countdown = { at: 'countdown', deadlineMs: START_MS, remainingMs: 9_000, totalMs: 15_000 } as const

describe('the sign beside the clock', () => {
  it('the tray icon shows a recording before any other state', () => {
    const draft = aDeskDraft(countdown)
    expect(iconOf({ calls: [aDeskCall()], drafts: [draft], hub: { at: 'away', forMs: 1 } })).toBe('recording')
    expect(iconOf({ calls: [aDeskCall({ recording: { at: 'paused' } })], drafts: [draft] })).toBe('paused')
    expect(iconOf({ calls: [aDeskCall({ recording: { at: 'none' } })] })).toBe('paused')
  })

  it('the tray icon shows a waiting card, a ringing call, a hub that is away, and idle', () => {
    expect(iconOf({ drafts: [aDeskDraft(countdown)] })).toBe('draft')
    expect(iconOf({ calls: [aDeskCall({ phase: 'ringing', recording: { at: 'none' } })] })).toBe('ringing')
    expect(iconOf({ hub: { at: 'away', forMs: 1 } })).toBe('away')
    expect(iconOf({ setUp: 'needed' })).toBe('away')
    expect(iconOf({})).toBe('idle')
  })

  it('the tray menu offers the actions that are possible now', () => {
    expect(commandsOf({})).toEqual(['open', 'start', 'quit'])
    expect(commandsOf({ calls: [aDeskCall()] })).toEqual(['open', 'pause', 'mark', 'quit'])
    expect(commandsOf({ calls: [aDeskCall({ recording: { at: 'paused' } })] })).toEqual([
      'open',
      'resume',
      'quit',
    ])
    expect(commandsOf({ calls: [aDeskCall({ recording: { at: 'refused', why: 'opted-out' } })] })).toEqual([
      'open',
      'quit',
    ])
  })
})

/** Returns a desk whose snapshots the test publishes, and a window that can be hidden. */
function aShell(onScreen = false) {
  let publish: (event: DeskEvent) => void = () => undefined
  const asked: unknown[] = []
  const shown = { trays: [] as TrayModel[], notices: [] as Notice[], peeks: 0, opened: 0, quit: 0 }
  const watch = createShellWatch({
    desk: {
      connect(listener) {
        publish = listener
        return {
          call: async (what) => {
            asked.push(what)
            return { ok: true, value: {} }
          },
          close: () => undefined,
        }
      },
    },
    locale: () => 'fr',
    window: { open: () => shown.opened++, peek: () => shown.peeks++, isOnScreen: () => onScreen },
    onTray: (model) => shown.trays.push(model),
    onNotice: (notice) => shown.notices.push(notice),
    onQuit: () => shown.quit++,
  })
  return { watch, asked, shown, publish: (desk: DeskSnapshot) => publish({ kind: 'snapshot', desk }) }
}

describe('what the shell does without the window', () => {
  it('the shell shows the window when a call or a card appears, once for each', () => {
    const { shown, publish } = aShell()
    publish(aDesk())
    publish(aDesk({ calls: [aDeskCall({ phase: 'ringing' })] }))
    publish(aDesk({ calls: [aDeskCall()] }))
    expect(shown.peeks).toBe(1)
    publish(aDesk({ drafts: [aDeskDraft({ at: 'proposed' })] }))
    publish(aDesk({ drafts: [aDeskDraft(countdown)] }))
    expect(shown.peeks).toBe(2)
  })

  it('the shell does not show the window for calls and cards from before its start', () => {
    const { shown, publish } = aShell()
    publish(aDesk({ drafts: [aDeskDraft(countdown)] }))
    expect(shown.peeks).toBe(0)
    expect(shown.notices.map(({ title }) => title)).toEqual(['Le ticket est prêt'])
  })

  it('the shell notifies of a silent microphone, a silent caller, a missing consent and a blocked ticket once each', () => {
    const { shown, publish } = aShell()
    const calls = [aDeskCall({ recording: { at: 'refused', why: 'no-consent' } })]
    publish(aDesk({ calls }))
    publish(aDesk({ calls, alarms: ['microphone-silent', 'caller-silent'] }))
    publish(aDesk({ calls, alarms: ['microphone-silent', 'caller-silent'] }))
    publish(aDesk({ drafts: [aDeskDraft({ at: 'blocked', reason: 'sign-in', detail: 'Sign in again.' })] }))
    expect(shown.notices.map(({ title }) => title)).toEqual([
      'Cet appel n’est pas enregistré',
      'Votre micro est muet',
      'L’appelant n’est pas entendu',
      'Un ticket n’a pas pu être envoyé',
    ])
  })

  it('the shell sends no notification while the window is on the screen', () => {
    const { shown, publish } = aShell(true)
    publish(aDesk({ drafts: [aDeskDraft(countdown)], calls: [aDeskCall()], alarms: ['microphone-silent'] }))
    expect(shown.notices).toEqual([])
  })

  it('the shell maps one key to pause and resume, and one to start and stop, by the state of the call', () => {
    const { watch, asked, publish } = aShell()
    const actions = () => asked.splice(0).map((one) => (one as { input: { action: string } }).input.action)
    publish(aDesk({ calls: [aDeskCall()] }))
    watch.command('pause-or-resume')
    watch.command('start-or-stop')
    expect(actions()).toEqual(['pause', 'stop'])
    publish(aDesk({ calls: [aDeskCall({ recording: { at: 'paused' } })] }))
    watch.command('pause-or-resume')
    publish(aDesk())
    watch.command('start-or-stop')
    watch.command('mark')
    expect(actions()).toEqual(['resume', 'start', 'mark'])
    // Before the first snapshot the key is safe: a pause is never wrong.
    const fresh = aShell()
    fresh.watch.command('pause-or-resume')
    expect(fresh.asked).toEqual([{ name: 'actOnCall', input: { action: 'pause' } }])
  })
})

describe('where the window opens', () => {
  const laptop = { x: 0, y: 0, width: 1366, height: 728 }
  const desk = { x: 1366, y: -200, width: 2560, height: 1400 }

  it('the window opens at its last position, also on a second screen', () => {
    const bounds = { x: 2000, y: -100, width: 500, height: 700 }
    expect(boundsForWindow(bounds, [laptop, desk])).toEqual(bounds)
  })

  it('the window opens at the lower right of the main screen when its screen is gone, or for the first time', () => {
    const there = { x: 930, y: 16, width: 420, height: 696 }
    expect(boundsForWindow({ x: 2000, y: -100, width: 500, height: 700 }, [laptop])).toEqual(there)
    expect(boundsForWindow(undefined, [laptop])).toEqual(there)
    expect(boundsForWindow({ x: 10, y: 720, width: 500, height: 700 }, [laptop])).toEqual(there)
  })

  it('the window is never smaller than its content needs', () => {
    expect(boundsForWindow({ x: 0, y: 0, width: 200, height: 100 }, [laptop])).toMatchObject({
      width: 380,
      height: 480,
    })
  })
})

it('the contact URL of the 3CX client is found among the arguments of a second start, and nothing else', () => {
  const link = '3cx-ninja://call?number=%2B33240112233'
  expect(callLinkOf(['agent.exe', '--allow-file-access', link])).toBe(link)
  expect(
    callLinkOf(['agent.exe', 'https://example.org', `3cx-ninja://call?number=${'1'.repeat(4_000)}`]),
  ).toBeUndefined()
  expect(callId.safeParse(link).success).toBe(false)
})
