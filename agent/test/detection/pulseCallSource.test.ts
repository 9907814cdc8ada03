import { describe, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { createPactl } from '../../src/main/capture/sources/pulse/pactl.ts'
import { startParec } from '../../src/main/capture/sources/pulse/parecStream.ts'
import { DEFAULT_PROGRAMS } from '../../src/main/capture/sources/pulse/telephone.ts'
import { createCallSources } from '../../src/main/detection/callSources.ts'
import { createPulseCallSource } from '../../src/main/detection/pulseCallSource.ts'
import { listPulsePrograms } from '../../src/main/web/pulsePrograms.ts'
import { startPulseServer } from '../../testing/pulse/pulseServer.ts'
import { EVENT_LIMIT_MS } from '../../../protocol/testing/eventLimit.ts'

/** A sound server of its own, and our source on it. */
async function aWatch({ programs = DEFAULT_PROGRAMS, watched = true } = {}) {
  const pulse = await startPulseServer()
  let list = programs
  const facts: { state: string }[] = []
  const troubles: string[] = []
  const looks = new Set<() => void>()
  const look = () => looks.forEach((each) => each())
  const source = createPulseCallSource({
    pactl: createPactl({ environment: pulse.environment, clock: systemClock }),
    clock: systemClock,
    programs: () => list,
  })
  const start = () =>
    createCallSources({
      sources: [source],
      clock: systemClock,
      onFact: ({ state }) => {
        facts.push({ state })
        look()
      },
      onUserError: ({ message }) => {
        troubles.push(message)
        look()
      },
      onChange: look,
    })
  let running = watched ? start() : undefined
  return {
    pulse,
    facts,
    troubles,
    start: () => (running = start()),
    /** The settings name other programs. */
    name: (next: readonly string[]) => (list = next),
    state: () => running?.states()[0],
    factStates: () => facts.map(({ state }) => state),
    until: (what: string, is: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        const limit = setTimeout(
          () => reject(new Error(`no ${what}: ${JSON.stringify({ facts, troubles })}`)),
          EVENT_LIMIT_MS,
        )
        const check = () => {
          if (!is()) return
          clearTimeout(limit)
          looks.delete(check)
          resolve()
        }
        looks.add(check)
        check()
      }),
    async [Symbol.asyncDispose]() {
      await running?.stop()
      await pulse[Symbol.asyncDispose]()
    },
  }
}

describe.concurrent('the telephone seen through a real PulseAudio', () => {
  it('tells the start and the end of the use of the microphone', async ({ expect }) => {
    await using watch = await aWatch()
    await watch.until('the watch', () => watch.state()?.at === 'watching')
    const telephone = await watch.pulse.startTelephone()
    await watch.until('talking', () => watch.facts.length === 1)
    await telephone.hangUp()
    await watch.until('ended', () => watch.facts.length === 2)
    expect(watch.factStates()).toEqual(['talking', 'ended'])
  })

  it('sees a call that was on before the agent started', async ({ expect }) => {
    await using watch = await aWatch({ watched: false })
    await watch.pulse.startTelephone()
    await watch.pulse.untilRecording('virtmic', '3CX')
    watch.start()
    await watch.until('talking', () => watch.facts.length === 1)
    expect(watch.factStates()).toEqual(['talking'])
  })

  it('takes neither other programs, nor our own recorder, nor a meter, nor a program that listens to an output for the telephone', async ({
    expect,
  }) => {
    await using watch = await aWatch()
    await watch.until('the watch', () => watch.state()?.at === 'watching')
    await watch.pulse.startTelephone({ name: 'Firefox', binary: 'firefox' })
    await watch.pulse.startTelephone({ source: 'speaker.monitor' })
    const own = startParec(
      { source: 'virtmic', environment: watch.pulse.environment },
      { sound: () => undefined, ended: () => undefined },
    )
    await watch.pulse.untilRecording('virtmic', '3CX-Ninja Realtime')
    const real = await watch.pulse.startTelephone()
    await watch.until('the real one', () => watch.facts.length > 0)
    await real.hangUp()
    await watch.until('its end', () => watch.facts.length > 1)
    expect(watch.factStates()).toEqual(['talking', 'ended'])
    await own.stop()
  })

  it('a headset that is changed in mid-call is no end: one of two streams of the telephone goes on', async ({
    expect,
  }) => {
    await using watch = await aWatch()
    await watch.until('the watch', () => watch.state()?.at === 'watching')
    const first = await watch.pulse.startTelephone()
    await watch.until('talking', () => watch.facts.length === 1)
    const second = await watch.pulse.startTelephone()
    await watch.pulse.untilRecording('virtmic', '3CX', 2)
    await first.hangUp()
    await watch.pulse.untilRecording('virtmic', '3CX', 1)
    await second.hangUp()
    await watch.until('ended', () => watch.facts.length > 1)
    expect(watch.factStates()).toEqual(['talking', 'ended'])
  })

  it('a browser counts where the site says that its telephone runs in it', async ({ expect }) => {
    await using watch = await aWatch({ programs: ['chromium'] })
    await watch.until('the watch', () => watch.state()?.at === 'watching')
    await watch.pulse.startTelephone({ name: 'Chromium input', binary: 'chromium' })
    await watch.until('talking', () => watch.facts.length === 1)
    expect(watch.factStates()).toEqual(['talking'])
  })

  it('a program that the settings name while the agent runs counts from its next call on', async ({
    expect,
  }) => {
    await using watch = await aWatch()
    await watch.until('the watch', () => watch.state()?.at === 'watching')
    watch.name(['3cx*', 'chromium'])
    const browser = { name: 'Chromium input', binary: 'chromium' }
    const call = await watch.pulse.startTelephone(browser)
    await watch.until('talking', () => watch.facts.length === 1)
    expect(watch.state()).toMatchObject({ detail: 'programs 3cx*, chromium' })
    const pactl = createPactl({ environment: watch.pulse.environment, clock: systemClock })
    expect(await listPulsePrograms(pactl, ['3cx*'])).toEqual([
      { name: 'chromium', inUse: true, counts: false },
    ])
    await call.hangUp()
    await watch.until('ended', () => watch.facts.length === 2)
    expect(watch.factStates()).toEqual(['talking', 'ended'])
  })

  it('a sound server that dies in mid-call is named with its remedy; when it is back without the call, the call has ended', async ({
    expect,
  }) => {
    await using watch = await aWatch()
    await watch.until('the watch', () => watch.state()?.at === 'watching')
    await watch.pulse.startTelephone()
    await watch.until('talking', () => watch.facts.length === 1)
    await watch.pulse.kill()
    await watch.until('the failure', () => watch.state()?.at === 'failed')
    expect(watch.troubles[0]).toMatch(/sound server does not answer.*start PulseAudio or PipeWire/)
    await watch.pulse.start()
    await watch.until('the end', () => watch.facts.length === 2)
    expect(watch.factStates()).toEqual(['talking', 'ended'])
    expect(watch.state()?.at).toBe('watching')
  })
})

it('says what to install where there is no pactl', async ({ expect }) => {
  const pactl = createPactl({ environment: { PATH: '/nowhere' }, clock: systemClock })
  await expect(pactl.read(new AbortController().signal)).rejects.toThrow(/install pulseaudio-utils/)
})
