import {
  hubToWallboard,
  CLOSE,
  acceptLink,
  wallboardId,
  type AcceptedLink,
  type CloseName,
  type HubToWallboard,
  type SocketHandlers,
} from '@3cx-ninja/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createFakeClock } from '../../protocol/testing/fakeClock.ts'
import { createTexts } from '../src/texts/texts.ts'
import { wallboardTuning } from '../src/tuning.ts'
import type { WallboardView } from '../src/view/wallboardView.ts'
import { createWallboard, type Wallboard } from '../src/wallboard.ts'
import { aCall, aLine, aSnapshot, anAgent } from '../testing/wallboardWords.ts'

let wallboard: Wallboard | undefined
afterEach(() => wallboard?.stop())

/** Returns a wallboard and the hub's side of its socket; `hub.up` decides whether the hub accepts connections. */
function setUp() {
  const clock = createFakeClock()
  const hub = {
    up: true,
    version: '1.0.0',
    refusal: undefined as CloseName | undefined,
    attempts: 0,
    reloads: 0,
    link: undefined as AcceptedLink<HubToWallboard> | undefined,
    /** Sends any text past the link's own check, as a newer or a broken hub does. */
    write: (_: string): void => undefined,
    snapshot: aSnapshot(),
  }
  let view: (() => WallboardView) | undefined
  const connect = (on: SocketHandlers) => {
    hub.attempts += 1
    clock.after(1, () => {
      if (!hub.up || hub.refusal) return on.close(hub.refusal ? CLOSE[hub.refusal].code : 1006, 'not there')
      hub.write = (text) => void clock.after(0, () => on.message(text))
      hub.link = acceptLink<{ kind: 'nothing' }, HubToWallboard>({
        socket: {
          send: (data) => void clock.after(0, () => on.message(data)),
          close: (code, reason) => void clock.after(0, () => on.close(code, reason)),
          bufferedBytes: () => 0,
        },
        role: 'wallboard',
        clientId: wallboardId.parse('wallboard-0001'),
        hubVersion: hub.version,
        clock,
        incoming: z.object({ kind: z.literal('nothing') }),
        outgoing: hubToWallboard,
        onReady: () => hub.link?.send({ ...hub.snapshot, hubTimeMs: clock.nowMs() }),
        onMessage: () => undefined,
        onBinary: () => undefined,
        onClosed: () => undefined,
      })
      on.open()
    })
    return {
      send: (data: string | Uint8Array) => void clock.after(0, () => hub.link?.received(data)),
      close: (code: number) => hub.link?.closed(code),
      bufferedBytes: () => 0,
    }
  }
  wallboard = createWallboard({
    clock,
    random: () => 0.5,
    texts: createTexts('fr', 'Europe/Paris'),
    version: '1.0.0',
    connect,
    draw: (next) => (view = next),
    reload: () => (hub.reloads += 1),
  })
  const see = () => {
    if (!view) throw new Error('nothing was drawn yet')
    return view()
  }
  return { clock, hub, see }
}

describe('the wallboard', () => {
  it('[T1] the wallboard shows the hub’s snapshot, then its changes, over one link', async () => {
    const { clock, hub, see } = setUp()
    expect(see().standing.title).toBe('Connexion au hub…')
    hub.snapshot = aSnapshot({ calls: [aCall('1')], agents: [anAgent('Nadia')] })
    await clock.advance(50)
    expect(see().standing.tone).toBe('live')
    hub.link?.send({ kind: 'wallboard-utterance', callId: aCall('1').callId, utterance: aLine('a') })
    await clock.advance(10)
    expect(see().calls.cards[0]?.lines[0]?.text).toBe('words of a')
    expect(hub.attempts).toBe(1)
  })

  it('the wallboard stays live on one connection while the hub is quiet', async () => {
    const { clock, hub, see } = setUp()
    await clock.advance(10 * 60_000)
    expect(see().standing.tone).toBe('live')
    expect(hub.attempts).toBe(1)
  })

  it('the wallboard shows the hub’s time when the screen’s own clock is wrong', async () => {
    const { clock, hub, see } = setUp()
    hub.snapshot = aSnapshot({ calls: [aCall('1')] })
    await clock.advance(50)
    const before = see().time
    clock.jumpWallClock(5 * 3_600_000)
    await clock.advance(9_000)
    expect([see().time, see().calls.cards[0]?.elapsed]).toEqual([before, '00:09'])
  })

  it('the wallboard reports no failure in the first seconds of a start, and one when the hub stays silent', async () => {
    const { clock, hub, see } = setUp()
    hub.up = false
    await clock.advance(wallboardTuning.patienceMs - 1_000)
    expect(see().standing.tone).toBe('joining')
    await clock.advance(2_000)
    expect(see().standing.tone).toBe('cut')
    hub.up = true
    await clock.advance(8_000)
    expect(see().standing.tone).toBe('live')
  })

  it('the wallboard reports that the hub is not responding when it never answered', async () => {
    const { clock, hub, see } = setUp()
    hub.up = false
    await clock.advance(wallboardTuning.patienceMs + 2_000)
    expect(see().standing.title).toBe('Le hub ne répond pas')
    expect(see().figures.every(({ value }) => value === '–')).toBe(true)
  })

  it('the wallboard reports a lost link, retries automatically, and is complete after the reconnect', async () => {
    const { clock, hub, see } = setUp()
    hub.snapshot = aSnapshot({ calls: [aCall('1')] })
    await clock.advance(20_000)
    hub.up = false
    hub.link?.close('goingAway')
    await clock.advance(30_000)
    expect(see().standing).toMatchObject({ tone: 'cut', title: 'Coupé du hub depuis 10:00' })
    expect(see().calls.cards).toHaveLength(1)
    hub.up = true
    hub.snapshot = aSnapshot({ calls: [aCall('2')] })
    await clock.advance(16_000)
    expect(see().standing.tone).toBe('live')
    expect(see().calls.cards.map(({ key }) => key)).toEqual([aCall('2').callId])
  })

  it('[L4] the wallboard detects a silent hub without a close, and dates the cut by its last message', async () => {
    const { clock, hub, see } = setUp()
    await clock.advance(61_000)
    hub.up = false
    hub.link?.closed(1006) // the hub's side is dead: it answers nothing from now on
    await clock.advance(16_000)
    expect(see().standing.title).toBe('Coupé du hub depuis 10:01')
    expect(see().standing.detail).toMatch(/figé depuis (1[4-9]|2[0-9]) s/)
  })

  it('[L6] the wallboard closes the link after a broken message and reconnects; it ignores an unknown kind', async () => {
    const { clock, hub, see } = setUp()
    await clock.advance(50)
    hub.write('{"kind":"wallboard-weather","rain":true}')
    await clock.advance(10)
    expect([see().standing.tone, hub.attempts]).toEqual(['live', 1])
    hub.write('{"kind":"wallboard-figures","figures":{"callsToday":-1}}')
    await clock.advance(2_000)
    expect([see().standing.tone, hub.attempts]).toEqual(['live', 2])
  })

  it('[L7] the wallboard retries each minute after a refusal, and shows the refusal all the while', async () => {
    const { clock, hub, see } = setUp()
    hub.refusal = 'badToken'
    await clock.advance(1_000)
    expect(see().standing.enroll).not.toBeNull()
    const before = hub.attempts
    await clock.advance(wallboardTuning.refusedRetryMs + 500)
    expect(hub.attempts).toBe(before + 1)
    expect(see().standing.enroll).not.toBeNull()
    hub.refusal = undefined
    await clock.advance(wallboardTuning.refusedRetryMs + 500)
    expect(see().standing.tone).toBe('live')
  })

  it('the wallboard reloads its page when the hub returns with another version, and only then', async () => {
    const { clock, hub } = setUp()
    await clock.advance(20_000)
    hub.link?.close('goingAway')
    await clock.advance(2_000)
    expect([hub.attempts, hub.reloads]).toEqual([2, 0])
    hub.version = '1.1.0'
    hub.link?.close('goingAway')
    await clock.advance(20_000)
    expect(hub.reloads).toBe(1)
  })

  it('a stopped wallboard leaves no timer and no socket open', async () => {
    const { clock, hub } = setUp()
    await clock.advance(50)
    wallboard?.stop()
    hub.up = false
    await clock.advance(60_000)
    expect(clock.pending).toBe(0)
    expect(hub.attempts).toBe(1)
  })
})
