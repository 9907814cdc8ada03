// The helper's real capture loop as a Windows program under Wine: against a strict mock of the COM interfaces, and the helper
// as it ships, up to the point where Wine has no process loopback.
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build, fake3cx, helper, mock, sessionsMock } from '../../../scripts/native/loopback.ts'
import type { RunningFeed } from '../../src/main/capture/sources/channelFeed.ts'
import { createHelperFeed } from '../../src/main/capture/sources/helperFeed.ts'
import { HELPER_EXIT, createHelperReader, helperLine } from '../../src/main/capture/sources/helperProtocol.ts'
import {
  distanceFromToneDb,
  levelDb,
  readHelperSound,
  tonesDelayMs,
} from '../../testing/windows/helperSound.ts'
import {
  outputOf,
  pretendWindowsBuild,
  startInWine,
  startWine,
  whatWineLacks,
  wineCommand,
} from '../../testing/windows/wine.ts'

const lacks = await whatWineLacks()
if (lacks) process.stderr.write(`SKIPPED: the Windows loopback helper under Wine. Remedy: ${lacks}\n`)

let folder = ''
let stopWine: () => Promise<void> = async () => undefined
beforeAll(async () => {
  if (lacks) return
  folder = await mkdtemp(path.join(tmpdir(), 'ninja-loopback-'))
  stopWine = await startWine()
}, 300_000)
afterAll(async () => {
  if (lacks) return
  await stopWine()
  await rm(folder, { recursive: true })
})

const linesOf = (errors: string) =>
  errors
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>)
const kinds = (errors: string) => linesOf(errors).map(({ kind }) => kind)

async function startMock(time: 'virtual' | 'real', lines: readonly string[], format = '48000 2 f32') {
  const scenario = path.join(folder, `${process.hrtime.bigint()}.txt`)
  await writeFile(scenario, lines.join('\n'))
  return startInWine(await build(await mock()), [time, ...format.split(' '), scenario])
}

async function playMock(lines: readonly string[], format?: string) {
  const child = await startMock('virtual', lines, format)
  const ended = await outputOf(child)
  return { ...ended, sound: readHelperSound(ended.output), lines: linesOf(ended.errors) }
}

const mocksOpinion = { kind: 'mock', leftOpen: 0, wrongOrder: 0 }
const DEVICE_LOST = { kind: 'error', code: 'hresult:0x88890004' }

describe.skipIf(lacks)(
  `the capture loop under Wine${lacks ? ` (skipped: ${lacks})` : ''}`,
  { timeout: 60_000 },
  () => {
    it.each([
      ['48000 2 f32', 0],
      ['48000 2 s16', 1],
      ['44100 2 s16', 2],
      ['16000 1 s16', 3],
    ])('the capture loop accepts the format that Windows grants: %s', async (format, refused) => {
      const { code, sound, lines } = await playMock(['quiet 400', 'sound 1000'], format)
      expect(code).toBe(0)
      expect(lines.at(-1)).toMatchObject({ ...mocksOpinion, opened: refused + 1, refused })
      expect(distanceFromToneDb(sound, { fromMs: 430, toMs: 1_370 })).toBeLessThan(-60)
    })

    it('the capture loop ends with the agent’s code for a refusal where Windows grants no format', async () => {
      const { code, lines, sound } = await playMock(['sound 1000'], '96000 8 s16')
      expect(code).toBe(HELPER_EXIT.failed)
      expect(lines[0]).toMatchObject({ kind: 'error', code: 'hresult:0x88890008' })
      expect(lines.at(-1)).toMatchObject(mocksOpinion)
      expect(sound.frames).toEqual([])
    })

    it('the capture loop opens a lost device again, while silence keeps the time', async () => {
      const { code, sound, lines } = await playMock([
        'sound 1000',
        'invalidate 2',
        'quiet 4000',
        'sound 1000',
      ])
      expect(code).toBe(0)
      expect(lines.map(({ kind }) => kind)).toEqual(['opened', 'error', 'opened', 'ended', 'mock'])
      expect(lines[1]).toMatchObject(DEVICE_LOST)
      expect(lines.at(-1)).toMatchObject(mocksOpinion)
      expect(levelDb(sound.samples.slice(1_100 * 16, 4_900 * 16))).toBe(-Infinity)
      expect(distanceFromToneDb(sound, { fromMs: 5_020, toMs: 5_970 })).toBeLessThan(-60)
    })

    it('the capture loop gives up a device that stays lost, after half a minute, and reports it', async () => {
      const { code, sound, lines } = await playMock(['sound 1000', 'invalidate 1000', 'quiet 100000'])
      expect(code).toBe(HELPER_EXIT.failed)
      expect(lines.filter(({ kind }) => kind === 'error')).toHaveLength(2)
      expect(sound.samples.length / 16_000).toBeGreaterThan(28)
      expect(sound.samples.length / 16_000).toBeLessThan(33)
    })

    it('the capture loop waits for a client that ended and records it when it runs again', async () => {
      const { code, sound, lines } = await playMock(['sound 1000', 'gone 2500', 'quiet 4000', 'sound 1000'])
      expect(code).toBe(0)
      expect(lines.map(({ kind }) => kind)).toEqual(['opened', 'waiting', 'opened', 'ended', 'mock'])
      expect(lines[1]).toMatchObject({ for: '3CXSoftphone.exe' })
      expect(distanceFromToneDb(sound, { fromMs: 5_020, toMs: 5_970 })).toBeLessThan(-60)
    })

    it('the capture loop reports lost sound at most once a second', async () => {
      const hiccup = ['lose 60', 'sound 100']
      const { lines, sound } = await playMock([
        'sound 1000',
        ...Array.from({ length: 20 }, () => hiccup).flat(),
      ])
      const reported = lines.filter(({ kind }) => kind === 'glitches')
      expect(reported.length).toBeGreaterThan(1)
      expect(reported.length).toBeLessThanOrEqual(5)
      expect(lines.find(({ kind }) => kind === 'ended')).toMatchObject({ glitches: 20 })
      expect(sound.samples.length / 16).toBeGreaterThan(4_100)
    })

    it.each([100, -100])(
      '30 minutes with a card %d ppm off: nothing lost, under 20 ms off at the end',
      async (ppm) => {
        const { sound, lines } = await playMock([`clock ${ppm}`, 'sound 1800000'], '16000 1 s16')
        expect(lines.find(({ kind }) => kind === 'ended')).toMatchObject({
          glitches: 0,
          cutSamples: 0,
          silenceSamples: 0,
        })
        expect(sound.samples.length / 16_000).toBeCloseTo(1_800, 1)
        // the tone of 440 Hz shows its time within 2.3 ms; the count of samples rules out any multiple of that
        const delayMs = tonesDelayMs(sound, { fromMs: 1_799_000, toMs: 1_799_800 })
        const lastMs = ((sound.frames.at(-1)?.qpc ?? 0) - (sound.frames[0]?.qpc ?? 0)) / 1e4
        const countedMs = (sound.samples.length - (sound.frames.at(-1)?.samples.length ?? 0)) / 16
        process.stdout.write(
          `${ppm} ppm, 30 min: ${delayMs.toFixed(2)} ms by tone, ${(lastMs - countedMs).toFixed(2)} ms by time\n`,
        )
        expect(Math.abs(lastMs - countedMs)).toBeLessThan(20)
      },
    )

    it.each([
      ['from the start', ['hidden 20000']],
      ['after an audible ring', ['sound 3000', 'quiet 2000', 'hidden 20000']],
      ['with pauses', Array.from({ length: 20 }, () => ['hidden 1000', 'quiet 1000']).flat()],
    ])(
      'sound that Windows hides from us is detected %s, so that the agent falls back to another target',
      async (_, lines) => {
        const { code, sound, lines: reported } = await playMock(lines)
        expect(code).toBe(HELPER_EXIT.unsupported)
        expect(reported.find(({ kind }) => kind === 'error')).toMatchObject({ code: 'hresult:0x80070005' })
        expect(reported.at(-1)).toMatchObject(mocksOpinion)
        expect(sound.samples.length / 16_000).toBeLessThan(10)
      },
    )

    it.each([
      ['a silent caller', ['muted 30000']],
      ['nothing that plays', ['sound 1000', 'quiet 30000']],
      [
        'sound that comes through now and then',
        Array.from({ length: 10 }, () => ['hidden 2000', 'sound 200']).flat(),
      ],
    ])('%s does not count as hidden sound', async (_, lines) => {
      const { code, lines: reported } = await playMock(lines)
      expect(code).toBe(0)
      expect(reported.some(({ kind }) => kind === 'error')).toBe(false)
    })

    it.each([
      ['10', '0.50 headset 0'],
      ['20', '0.70 speakers 0'],
      ['30', '0.00  0'],
      ['0', '0.70 speakers 0'],
    ])(
      'the helper finds the loudest running session of process %s on any output, and releases all objects',
      async (pid, found) => {
        const { output } = await outputOf(startInWine(await build(sessionsMock()), [pid]))
        expect(output.toString().trim()).toBe(`00000000 ${found}`)
      },
    )

    it('every line of the helper fits the schema of the agent, or is for the log', async () => {
      const { lines } = await playMock([
        'sound 500',
        'lose 50',
        'sound 500',
        'gone 1500',
        'quiet 3000',
        'invalidate 1',
        'quiet 3000',
      ])
      for (const line of lines)
        if (!['glitches', 'ended', 'mock'].includes(String(line['kind']))) helperLine.parse(line)
    })
  },
)

describe.skipIf(lacks)(
  `the helper in real time under Wine${lacks ? ` (skipped: ${lacks})` : ''}`,
  { timeout: 60_000 },
  () => {
    /** Resolves once the standard error of the program holds the text. */
    const says = (child: ChildProcess, text: string) =>
      new Promise<void>((resolve) => {
        let all = ''
        child.stderr?.on('data', (chunk: Buffer) => {
          all += chunk.toString()
          if (all.includes(text)) resolve()
        })
      })

    it('the helper sends silence at least every 300 ms while nothing plays, and ends by itself with its input', async () => {
      const child = await startMock('real', ['quiet 60000'])
      const read = createHelperReader()
      const gaps: number[] = []
      let frames = 0
      let lastMs = 0
      const enough = new Promise<void>((resolve) => {
        child.stdout?.on('data', (chunk: Buffer) => {
          const nowMs = performance.now()
          if (lastMs > 0) gaps.push(nowMs - lastMs)
          lastMs = nowMs
          frames += read(chunk).length
          if (frames >= 150) resolve()
        })
      })
      const ended = outputOf(child)
      await enough
      const askedMs = performance.now()
      child.stdin?.end()
      expect((await ended).code).toBe(0)
      expect(performance.now() - askedMs).toBeLessThan(1_000)
      expect(Math.max(...gaps)).toBeLessThan(300)
    })

    it('a tone in real time comes out whole', async () => {
      const child = await startMock('real', ['quiet 300', 'sound 3000', 'quiet 60000'])
      const ended = outputOf(child)
      let bytes = 0
      await new Promise<void>((resolve) => {
        child.stdout?.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > 3_600 * 33.3) resolve()
        })
      })
      child.stdin?.end()
      const { output, errors } = await ended
      const sound = readHelperSound(output)
      const started = Number(linesOf(errors).at(-1)?.['start100ns'])
      const offsetMs = ((sound.frames[0]?.qpc ?? 0) - started) / 1e4
      // the real clock is on no sample's grid: half a sample beside it leaves -30 dB
      expect(distanceFromToneDb(sound, { fromMs: 340, toMs: 3_250, offsetMs })).toBeLessThan(-28)
      expect(linesOf(errors).find(({ kind }) => kind === 'ended')).toMatchObject({
        glitches: 0,
        cutSamples: 0,
      })
    })

    it('the helper ends when its output is closed, though its input stays open', async () => {
      const child = await startMock('real', ['sound 60000'])
      await says(child, 'opened')
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
      child.stdout?.destroy()
      expect(await ended).toBe(5)
      child.stdin?.destroy()
    })
  },
)

describe.skipIf(lacks)(
  `the agent's own reading of the helper${lacks ? ` (skipped: ${lacks})` : ''}`,
  { timeout: 60_000 },
  () => {
    it('the agent records a call that is hidden from process loopback by the next target that works, and names each change', async () => {
      const scenario = path.join(folder, `feed-${process.hrtime.bigint()}`)
      await writeFile(`${scenario}.client`, 'hidden 60000')
      await writeFile(`${scenario}.everything-but`, 'hidden 60000')
      await writeFile(`${scenario}.system`, 'sound 60000')
      const { command, args } = wineCommand(await build(await mock()))
      const feed = createHelperFeed({
        program: { command, args: [...args, 'real', '48000', '2', 'f32', scenario] },
        targets: [
          () => ({ kind: 'client', images: ['3CXSoftphone.exe'] }),
          () => ({ kind: 'everything-but', pid: 4_711 }),
          () => ({ kind: 'system', images: [] }),
        ],
        clock: systemClock,
        onNote: () => undefined,
      })
      const origins: string[] = []
      const userErrors: string[] = []
      let loudest = 0
      let running: RunningFeed | undefined
      await new Promise<void>((resolve) => {
        running = feed.start({
          sound(samples) {
            loudest = Math.max(loudest, ...samples)
            if (loudest > 16_000) resolve()
          },
          restarted: () => undefined,
          device: ({ origin }) => void origins.push(origin),
          lost: (error) => void userErrors.push(error.message),
          degraded: (error) => void userErrors.push(error.message),
        })
      })
      expect(origins).toEqual(['3cx-client', 'everything-but-us', 'system-loopback'])
      expect(userErrors).toHaveLength(2)
      expect(userErrors[0]).toMatch(/hides it/)
      const askedMs = performance.now()
      await running?.stop()
      expect(performance.now() - askedMs).toBeLessThan(1_000)
    })
  },
)

describe.skipIf(lacks)(
  `the helper as it ships${lacks ? ` (skipped: ${lacks})` : ''}`,
  { timeout: 60_000 },
  () => {
    const start = async (...args: readonly string[]) => startInWine(await build(await helper()), args)
    const client = ['--target', 'client', '--images', '3CXSoftphone.exe,3CXDesktopApp.exe'] as const

    it('the helper names the Windows version it needs', async () => {
      await pretendWindowsBuild(18_362)
      const { code, errors, output } = await outputOf(await start(...client))
      expect(code).toBe(HELPER_EXIT.unsupported)
      expect(linesOf(errors)[0]?.['text']).toMatch(/Windows 10 version 2004 \(build 19041\) or newer/)
      expect(output.length).toBe(0)
    })

    it('the helper explains its command line', async () => {
      const { code, errors } = await outputOf(await start('--target', 'nobody'))
      expect(code).toBe(HELPER_EXIT.usage)
      expect(linesOf(errors)[0]?.['text']).toMatch(/--target client --images/)
    })

    it('the helper asks Windows itself for the loopback, and reports the answer', async () => {
      await pretendWindowsBuild(19_045)
      const { code, errors } = await outputOf(await start('--target', 'everything-but', '--pid', '32'))
      expect(code).toBe(HELPER_EXIT.unsupported)
      // Wine 8 has the function but no such device; Windows 10 1809 answers the same
      expect(linesOf(errors)[0]).toMatchObject({ kind: 'error', code: 'hresult:0x80070002' })
    })

    it.each([
      ['its name', client],
      [
        'a list of packages, any endings and names',
        ['--target', 'client', '--images', 'package:3CXDMCC.3CX_,3cxdesk*,chrome.exe'],
      ],
    ])(
      'the helper waits for the 3CX client with silence, and finds it by %s when it starts',
      async (_, words) => {
        await pretendWindowsBuild(19_045)
        const child = await start(...words)
        const ended = outputOf(child)
        await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()))
        const softphone = startInWine(await build(fake3cx()), [])
        const { code, errors, output } = await ended
        softphone.stdin?.end()
        await outputOf(softphone)
        expect(kinds(errors)).toEqual(['waiting', 'error', 'ended'])
        expect(code).toBe(HELPER_EXIT.unsupported)
        expect(levelDb(readHelperSound(output).samples)).toBe(-Infinity)
      },
    )
  },
)
