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

/** Returns a private sound server with our source on it. */
async function aWatch({ programs = DEFAULT_PROGRAMS, watched = true } = {}) {
  const pulse = await startPulseServer()
  let list = programs
  const facts: { state: string }[] = []
  const userErrors: string[] = []
  const checks = new Set<() => void>()
  const checkAll = () => checks.forEach((each) => each())
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
        checkAll()
      },
      onUserError: ({ message }) => {
        userErrors.push(message)
        checkAll()
      },
      onChange: checkAll,
    })
  let running = watched ? start() : undefined
  return {
    pulse,
    facts,
    userErrors,
    start: () => (running = start()),
    /** Changes the programs that the settings name. */
    name: (next: readonly string[]) => (list = next),
    state: () => running?.states()[0],
    factStates: () => facts.map(({ state }) => state),
    until: (what: string, is: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        const limit = setTimeout(
          () => reject(new Error(`no ${what}: ${JSON.stringify({ facts, userErrors })}`)),
          EVENT_LIMIT_MS,
        )
        const check = () => {
          if (!is()) return
          clearTimeout(limit)
          checks.delete(check)
          resolve()
        }
        checks.add(check)
        check()
      }),
    async [Symbol.asyncDispose]() {
      await running?.stop()
      await pulse[Symbol.asyncDispose]()
    },
  }
}

describe.concurrent('the telephone seen through a real PulseAudio', () => {
  it('the PulseAudio source reports the start and the end of a use of the microphone', async ({ expect }) => {
    await using watch = await aWatch()
    await watch.until('the watch', () => watch.state()?.at === 'watching')
    const telephone = await watch.pulse.startTelephone()
    await watch.until('talking', () => watch.facts.length === 1)
    await telephone.hangUp()
    await watch.until('ended', () => watch.facts.length === 2)
    expect(watch.factStates()).toEqual(['talking', 'ended'])
  })

  it('the PulseAudio source detects a call that was on before the agent started', async ({ expect }) => {
    await using watch = await aWatch({ watched: false })
    await watch.pulse.startTelephone()
    await watch.pulse.untilRecording('virtmic', '3CX')
    watch.start()
    await watch.until('talking', () => watch.facts.length === 1)
    expect(watch.factStates()).toEqual(['talking'])
  })

  it('the PulseAudio source ignores other programs, our own recorder, a meter, and a program that listens to an output', async ({
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

  it('a headset changed in mid-call is no end of the call: one of two streams of the telephone goes on', async ({
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

  it('a sound server that dies in mid-call is reported with its remedy; when it is back without the call, the call has ended', async ({
    expect,
  }) => {
    await using watch = await aWatch()
    await watch.until('the watch', () => watch.state()?.at === 'watching')
    await watch.pulse.startTelephone()
    await watch.until('talking', () => watch.facts.length === 1)
    await watch.pulse.kill()
    await watch.until('the failure', () => watch.state()?.at === 'failed')
    expect(watch.userErrors[0]).toMatch(/sound server does not answer.*start PulseAudio or PipeWire/)
    await watch.pulse.start()
    await watch.until('the end', () => watch.facts.length === 2)
    expect(watch.factStates()).toEqual(['talking', 'ended'])
    expect(watch.state()?.at).toBe('watching')
  })
})

it('the PulseAudio source names the package to install where there is no pactl', async ({ expect }) => {
  const pactl = createPactl({ environment: { PATH: '/nowhere' }, clock: systemClock })
  await expect(pactl.read(new AbortController().signal)).rejects.toThrow(/install pulseaudio-utils/)
})
