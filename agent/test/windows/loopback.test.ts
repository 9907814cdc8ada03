import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasCompiler } from '../../../scripts/native/compile.ts'
import { build, chooser } from '../../../scripts/native/loopback.ts'
import { distanceFromToneDb, levelDb, tonesDelayMs } from '../../testing/windows/helperSound.ts'
import { playScenario } from '../../testing/windows/playScenario.ts'

const compiles = await hasCompiler('cc')
if (!compiles) {
  process.stderr.write('SKIPPED: the C of the Windows loopback helper, since there is no C compiler (cc).\n')
}

const ms = (samples: number) => samples / 16

describe.skipIf(!compiles)('the sound of the caller on the helper’s clock', () => {
  it.each(['48000 2 f32', '48000 2 s16', '44100 2 s16', '96000 6 f32', '16000 1 s16', '8000 1 s16'])(
    'a tone comes out undistorted and in time from a card of %s',
    async (format) => {
      const sound = await playScenario(['sound 2000'], { format })
      expect(distanceFromToneDb(sound, { fromMs: 100, toMs: 1_900 })).toBeLessThan(-65)
      expect(sound.samples.length).toBe(32_000)
    },
  )

  it('a tone that 16 kHz cannot carry does not fold back into speech', async () => {
    for (const hz of [9_500, 12_000, 15_900, 23_000]) {
      const { samples } = await playScenario(['sound 1000'], { hz })
      expect(levelDb(samples.slice(1_600, 14_400)), `${hz} Hz`).toBeLessThan(-70)
    }
  })

  it('speech up to 6.5 kHz passes', async () => {
    for (const hz of [100, 1_000, 4_000, 6_500]) {
      const { samples } = await playScenario(['sound 1000'], { hz })
      expect(levelDb(samples.slice(1_600, 14_400)), `${hz} Hz`).toBeCloseTo(-9.03, 1)
    }
  })

  it('silence keeps the time while nothing plays, and the sound after it stands at its time', async () => {
    const sound = await playScenario(['quiet 1234', 'sound 500', 'quiet 777', 'sound 500'])
    expect(levelDb(sound.samples.slice(0, 1_230 * 16))).toBe(-Infinity)
    expect(distanceFromToneDb(sound, { fromMs: 1_250, toMs: 1_720 })).toBeLessThan(-60)
    expect(levelDb(sound.samples.slice(1_745 * 16, 2_500 * 16))).toBe(-Infinity)
    expect(distanceFromToneDb(sound, { fromMs: 2_530, toMs: 2_990 })).toBeLessThan(-60)
    expect(sound.totals).toMatchObject({ glitches: 0, cut: 0 })
  })

  it('lost sound is replaced by as much silence and counted', async () => {
    const sound = await playScenario(['sound 1000', 'lose 100', 'sound 1000'])
    expect(sound.totals).toMatchObject({ glitches: 1, silence: 1_600 })
    expect(distanceFromToneDb(sound, { fromMs: 1_120, toMs: 2_080 })).toBeLessThan(-60)
  })

  it('sound that comes twice is cut', async () => {
    const sound = await playScenario(['sound 1000', 'repeat 60', 'sound 1000'])
    expect(ms(sound.totals.cut)).toBeCloseTo(60, 0)
    expect(ms(sound.samples.length)).toBeCloseTo(2_000, 0)
    expect(distanceFromToneDb(sound, { fromMs: 1_050, toMs: 1_980 })).toBeLessThan(-60)
  })

  it('packets that come later than others by less than the silence delay are kept whole', async () => {
    const sound = await playScenario(['sound 500', 'late 150', 'sound 500', 'late 0', 'sound 500'])
    expect(sound.totals).toMatchObject({ cut: 0, silence: 0, glitches: 0 })
    expect(distanceFromToneDb(sound, { fromMs: 20, toMs: 1_480 })).toBeLessThan(-65)
  })

  it('packets that come too late lose the sound that silence already replaced, and the clock goes on', async () => {
    const sound = await playScenario(['sound 500', 'late 400', 'sound 500', 'late 0', 'sound 500'])
    expect(ms(sound.totals.cut)).toBeGreaterThan(300)
    expect(ms(sound.samples.length)).toBeCloseTo(1_500, -1)
    expect(distanceFromToneDb(sound, { fromMs: 1_260, toMs: 1_480 })).toBeLessThan(-60)
  })

  it.each(['wrong-time 50', 'no-time 50'])(
    'packets with a useless time (%s) keep their order',
    async (line) => {
      const sound = await playScenario(['sound 500', line, 'sound 1000'])
      expect(sound.totals).toMatchObject({ cut: 0, silence: 0, glitches: 0 })
      expect(ms(sound.samples.length)).toBeCloseTo(1_500, -1)
    },
  )

  it('a packet flagged silent is silence, whatever its memory holds', async () => {
    const sound = await playScenario(['muted 1000'])
    expect(levelDb(sound.samples)).toBe(-Infinity)
    expect(sound.totals).toMatchObject({ sound: 16_000 })
  })

  it.each([100, -100, 300])(
    'a card that is %d ppm off is bent to the clock: under 10 ms after five minutes',
    async (ppm) => {
      const sound = await playScenario([`clock ${ppm}`, 'sound 300000'], { format: '16000 1 s16', hz: 40 })
      expect(sound.totals).toMatchObject({ cut: 0, silence: 0, glitches: 0 })
      expect(Math.abs(tonesDelayMs(sound, { fromMs: 299_000, toMs: 299_900, hz: 40 }))).toBeLessThan(10)
    },
  )

  it('an hour of sleep gives no hour of zeros; the times of the frames show it', async () => {
    const sound = await playScenario(['sound 1000', 'sleep 3600000', 'sound 1000'])
    expect(ms(sound.samples.length)).toBeLessThan(2_300)
    const last = sound.frames.at(-1)!
    const first = sound.frames[0]!
    expect((last.qpc - first.qpc) / 1e7).toBeCloseTo(3_602, 0)
  })

  it('each frame carries 20 ms, the next number, and the time when its first sample was played', async () => {
    const { frames } = await playScenario(['quiet 300', 'sound 700', 'quiet 200', 'sound 405'])
    for (const [index, frame] of frames.entries()) {
      expect(frame.sequence).toBe(index)
      expect(frame.samples.length).toBe(index === frames.length - 1 ? frame.samples.length : 320)
      expect(Math.abs(frame.qpc - frames[0]!.qpc - frame.firstSample * 625)).toBeLessThan(20_000)
    }
  })

  it('the clock never stops and never jumps, whatever the card does, and no sample is lost without being counted', async () => {
    const span = fc.integer({ min: 1, max: 900 })
    const line = fc.oneof(
      span.map((length) => `sound ${length}`),
      span.map((length) => `quiet ${length}`),
      span.map((length) => `lose ${length}`),
      fc.integer({ min: 1, max: 120 }).map((length) => `repeat ${length}`),
      fc.integer({ min: 0, max: 400 }).map((length) => `late ${length}`),
      fc.integer({ min: -300, max: 300 }).map((ppm) => `clock ${ppm}`),
      fc.integer({ min: 1, max: 5 }).map((count) => `wrong-time ${count}`),
    )
    const format = fc.constantFrom('48000 2 f32', '44100 2 s16', '16000 1 s16')
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), format, async (lines, card) => {
        const sound = await playScenario(['sound 100', ...lines, 'late 0', 'sound 1000'], { format: card })
        expect(sound.totals.sound + sound.totals.silence).toBe(sound.samples.length)
        const first = sound.frames[0]!.qpc
        for (const frame of sound.frames)
          expect(Math.abs(frame.qpc - first - frame.firstSample * 625)).toBeLessThan(400_000)
      }),
      { numRuns: 60 },
    )
  })
})

describe.skipIf(!compiles)('the process that the helper records', () => {
  const choose = async (args: readonly string[], input = '') => {
    const { status, stdout } = spawnSync(await build(chooser('cc')), [...args], { input })
    return { status, says: stdout.toString().trim() }
  }
  const running = [
    '1 0 System',
    '40 1 explorer.exe',
    '50 40 chrome.exe',
    '60 40 3CXDesktopApp.exe',
    '61 60 3CXDesktopApp.exe',
    '70 40 3cxsoftphone.exe',
  ].join('\n')

  it('the helper picks the first name that runs, in upper or lower case', async () => {
    expect(await choose(['among', '3CXSoftphone.exe,3CXDesktopApp.exe'], running)).toEqual({
      status: 0,
      says: '70',
    })
    expect(await choose(['among', '3CXWin8Phone.exe,chrome.exe'], running)).toEqual({ status: 0, says: '50' })
  })

  it('the helper picks, of several processes of one program, the one that started the others', async () => {
    const reversed = running.split('\n').reverse().join('\n')
    expect(await choose(['among', '3CXDesktopApp.exe'], reversed)).toEqual({ status: 0, says: '60' })
  })

  it('the helper finds the descendants of a process, through others too, and is not misled by reused ids', async () => {
    const tree = async (root: number, pid: number) =>
      (await choose(['tree', `${root}`, `${pid}`], running)).status === 0
    expect(await tree(60, 61)).toBe(true)
    expect(await tree(1, 61)).toBe(true)
    expect(await tree(60, 60)).toBe(true)
    expect(await tree(60, 70)).toBe(false)
    expect(await tree(61, 60)).toBe(false)
    const circle = ['5 6 a.exe', '6 5 b.exe', '7 7 c.exe'].join('\n')
    expect((await choose(['tree', '9', '5'], circle)).status).toBe(1)
    expect((await choose(['tree', '9', '7'], circle)).status).toBe(1)
  })

  it('the helper finds no process where no name fits as a whole', async () => {
    expect(await choose(['among', 'chrome,explorer.ex,,3CX'], running)).toMatchObject({ status: 1 })
  })

  it('the helper matches any ending for a *, a package by the start of its family, and never the agent itself for a *', async () => {
    const also = [
      '80 40 3CX-Ninja Realtime.exe!',
      running,
      '90 40 PhoneApp.exe|Acme.Phone_8wekyb3d8bbwe',
      '91 90 PhoneApp.exe|Acme.Phone_8wekyb3d8bbwe',
    ].join('\n')
    const pid = async (images: string) => (await choose(['among', images], also)).says
    expect(await pid('3cx*')).toBe('60')
    expect(await pid('3cxd*')).toBe('60')
    expect(await pid('3cx-*')).toBe('')
    expect(await pid('package:acme.phone_')).toBe('90')
    expect(await pid('package:Acme.Phone_8wekyb3d8bbwe,chrome.exe')).toBe('90')
    expect(await pid('package:Acme.Phones_,chrome.exe')).toBe('50')
    expect(await pid('package:,*,Acme.Phone_')).toBe('')
  })

  it('the helper accepts the three targets, the watch over microphones, and nothing else', async () => {
    expect((await choose(['parse', '--target', 'client', '--images', 'A.exe,B.exe'])).says).toBe(
      'client 0 A.exe,B.exe',
    )
    expect((await choose(['parse', '--target', 'everything-but', '--pid', '4711'])).says).toBe(
      'everything-but 4711',
    )
    expect((await choose(['parse', '--target', 'system'])).says).toBe('system 0')
    expect((await choose(['parse', '--target', 'system', '--images', 'A.exe'])).says).toBe('system 0 A.exe')
    expect((await choose(['parse', '--sessions'])).says).toBe('sessions 0')
    const wrong = [
      [],
      ['--sessions', '--images', 'A.exe'],
      ['--target'],
      ['--target', 'system', '--pid', '1'],
      ['--target', 'everything-but', '--pid', '0'],
      ['--target', 'everything-but', '--pid', '-1'],
      ['--target', 'everything-but', '--pid', '99999999999'],
      ['--target', 'everything-but', '--pid', '12x'],
      ['--target', 'client', '--images', ''],
      ['--target', 'client', '--images', 'x'.repeat(4_096)],
      ['--target', 'everything'],
      ['--target', 'everything', '--images', 'A.exe'],
    ]
    for (const words of wrong) expect((await choose(['parse', ...words])).status, words.join(' ')).toBe(2)
  })
})
