// The programs that record, by the sessions of Windows' sound system: the helper's watch as a Windows program under Wine, over
// strict mocks of the COM objects (Wine 8 does not list sessions), the helper as it ships, and the agent's source on top.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build, helper, recordersMock } from '../../../scripts/native/loopback.ts'
import { HELPER_EXIT } from '../../src/main/capture/sources/helperProtocol.ts'
import { createAudioSessionsSource } from '../../src/main/detection/windows/audioSessions.ts'
import { createMicrophoneEvidence } from '../../src/main/detection/windows/microphoneEvidence.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { knownPrograms } from '../../src/main/telephone/phonePrograms.ts'
import { startPulseServer } from '../../testing/pulse/pulseServer.ts'
import { startInWine, startWine, whatWineLacks, wineCommand } from '../../testing/windows/wine.ts'

const lacks = await whatWineLacks()
if (lacks) process.stderr.write(`SKIPPED: the watch over microphones under Wine. Remedy: ${lacks}\n`)

let folder = ''
let stopWine: () => Promise<void> = async () => undefined
beforeAll(async () => {
  if (lacks) return
  folder = await mkdtemp(path.join(tmpdir(), 'ninja-recorders-'))
  stopWine = await startWine()
}, 300_000)
afterAll(async () => {
  if (lacks) return
  await stopWine()
  await rm(folder, { recursive: true })
})

interface Line {
  readonly kind: string
  readonly by?: string
  readonly microphones?: number
  readonly code?: string
  readonly programs?: readonly { readonly image: string; readonly family?: string }[]
}

/** Returns the watch over mocks of the COM objects; `does` sends a command to the mocks. */
async function aWatch() {
  const child: ChildProcess = startInWine(await build(recordersMock()), ['--sessions'])
  const lines: { line: Line; atMs: number }[] = []
  const answers: string[] = []
  const checks = new Set<() => void>()
  const checkAll = () => {
    for (const each of [...checks]) each()
  }
  createInterface({ input: child.stderr! }).on('line', (text) => {
    if (!text.startsWith('{')) return // a line of Wine itself
    lines.push({ line: JSON.parse(text) as Line, atMs: performance.now() })
    checkAll()
  })
  createInterface({ input: child.stdout! }).on('line', (text) => {
    answers.push(text)
    checkAll()
  })
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const until = <Found>(find: () => Found | undefined) =>
    new Promise<Found>((resolve) => {
      const check = () => {
        const found = find()
        if (found === undefined) return
        checks.delete(check)
        resolve(found)
      }
      checks.add(check)
      check()
    })
  const next = (after: number, fits: (line: Line) => boolean) =>
    until(() => lines.slice(after).find(({ line }) => fits(line)))
  await next(0, ({ kind }) => kind === 'recording')
  return {
    lines: () => lines.map(({ line }) => line),
    until,
    send: (command: string) => child.stdin?.write(`${command}\n`),
    async does(command: string) {
      const before = answers.length
      child.stdin?.write(`${command}\n`)
      await until(() => answers.slice(before).find((answer) => answer === command))
    },
    /** Sends the command and resolves with the line that names these programs, in ms since just before the command. */
    async state(command: string, images: readonly string[]) {
      const after = lines.length
      const startMs = performance.now()
      child.stdin?.write(`${command}\n`)
      const reported = await next(
        after,
        ({ programs }) => programs?.map(({ image }) => image).join() === images.join(),
      )
      return { line: reported.line, afterMs: reported.atMs - startMs }
    },
    async stop() {
      child.stdin?.end()
      return { code: await exited, left: answers.at(-1) }
    },
    exited,
    /** The thread of the mocks may still answer a command after the end of the watch. */
    left: () => answers.findLast((answer) => answer.startsWith('left ')),
  }
}
const CLEAN = { code: 0, left: 'left 0' }

describe.skipIf(lacks)(
  `the watch over microphones under Wine${lacks ? ` (skipped: ${lacks})` : ''}`,
  { timeout: 60_000 },
  () => {
    it('the watch reports each start and end within a second, by Windows’ own notices', async () => {
      const watch = await aWatch()
      expect(watch.lines()).toEqual([{ kind: 'recording', by: 'notice', microphones: 2, programs: [] }])
      const delays: number[] = []
      await watch.does('begin 0 10')
      for (let round = 0; round < 20; round++) {
        delays.push((await watch.state('start 10', ['3CXDesktopApp.exe'])).afterMs)
        delays.push((await watch.state('rest 10', [])).afterMs)
      }
      delays.sort((a, b) => a - b)
      const [median = 0, slowest = 0] = [delays[20], delays.at(-1)]
      process.stdout.write(
        `session to line, 40 changes: median ${median.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms\n`,
      )
      expect(slowest).toBeLessThan(1_000)
      expect(median).toBeLessThan(250) // far below the second of the watch's own polls
      expect(await watch.stop()).toEqual(CLEAN)
    })

    it('the watch reports sessions that begin later, on any microphone, and a program with several of them once', async () => {
      const watch = await aWatch()
      await watch.does('begin 1 10')
      await watch.state('start 10', ['3CXDesktopApp.exe'])
      await watch.does('begin 0 20')
      const { line } = await watch.state('start 20', ['chrome.exe', '3CXDesktopApp.exe'])
      expect(line.by).toBe('notice')
      await watch.does('begin 0 10')
      await watch.does('start 10')
      expect((await watch.state('end 20', ['3CXDesktopApp.exe'])).line.programs).toHaveLength(1)
      await watch.state('end 10', [])
      expect(await watch.stop()).toEqual(CLEAN)
    })

    it('the watch names the package of a packaged program, and no text of Windows breaks the line', async () => {
      const watch = await aWatch()
      await watch.does('begin 0 30')
      const { line } = await watch.state('start 30', ['3CXSoftphone.exe'])
      expect(line.programs).toEqual([{ image: '3CXSoftphone.exe', family: '3CXDMCC.3CX_0abcdefghijkm' }])
      await watch.does('begin 0 40')
      await watch.state('start 40', ['3CXSoftphone.exe', 'quo te .exe'])
      expect(await watch.stop()).toEqual(CLEAN)
    })

    it('an unplugged microphone ends its recordings, and is watched again once it is plugged in', async () => {
      const watch = await aWatch()
      await watch.does('begin 0 10')
      await watch.state('start 10', ['3CXDesktopApp.exe'])
      await watch.state('unplug 0', [])
      await watch.does('plug 0')
      await watch.does('begin 0 10')
      await watch.state('start 10', ['3CXDesktopApp.exe'])
      expect(await watch.stop()).toEqual(CLEAN)
    })

    it('the watch polls once a second where Windows refuses notices, and reports it', async () => {
      const watch = await aWatch()
      await watch.does('begin 0 10')
      await watch.does('deaf')
      const after = watch.lines().length
      await watch.does('unplug 1')
      await watch.until(() =>
        watch
          .lines()
          .slice(after)
          .find(({ by }) => by === 'polling'),
      )
      expect((await watch.state('start 10', ['3CXDesktopApp.exe'])).afterMs).toBeLessThan(2_500)
      await watch.state('end 10', [])
      expect(await watch.stop()).toEqual(CLEAN)
    })

    it('the watch survives a sound service that does not answer for a moment', async () => {
      const watch = await aWatch()
      await watch.does('begin 0 10')
      await watch.does('refuse 88890010')
      await watch.does('start 10')
      await watch.does('wait 1200')
      await watch.state('refuse 0', ['3CXDesktopApp.exe'])
      expect(await watch.stop()).toEqual(CLEAN)
    })

    it('the watch polls a microphone that does not answer until it does, while another one is watched', async () => {
      const watch = await aWatch()
      await watch.does('begin 0 10')
      await watch.does('begin 1 20')
      await watch.does('refuse 88890010 0')
      await watch.does('start 10')
      const { line } = await watch.state('start 20', ['chrome.exe'])
      expect(line).toMatchObject({ by: 'polling', microphones: 1 })
      expect((await watch.state('refuse 0', ['3CXDesktopApp.exe', 'chrome.exe'])).line.by).toBe('notice')
      expect(await watch.stop()).toEqual(CLEAN)
    })

    it('the watch ends with the reason where sessions are not listed at all, and leaks no object', async () => {
      const watch = await aWatch()
      await watch.does('refuse 80004001')
      watch.send('unplug 1') // the watch may end before the mocks answer
      expect(await watch.exited).toBe(HELPER_EXIT.unsupported)
      expect(watch.lines().at(-1)).toMatchObject({ kind: 'error', code: 'hresult:0x80004001' })
      expect(watch.left()).toBe('left 0')
    })
  },
)

/** Returns the agent's source on a helper, with its facts and failures in their order. */
function aSource(program: { readonly command: string; readonly args?: readonly string[] }) {
  const reported: string[] = []
  const checks = new Set<() => void>()
  const say = (what: string) => {
    reported.push(what)
    for (const each of [...checks]) each()
  }
  const evidence = createMicrophoneEvidence({ clock: systemClock })
  const source = createAudioSessionsSource({
    clock: systemClock,
    log: silentLogger,
    softphones: () => knownPrograms('win32'),
    evidence,
    program,
  })
  const start = () =>
    source.start({
      fact: ({ state, leg }) => say(`${state} ${leg ?? ''}`),
      changed: () => {
        const state = source.state()
        say(state.at === 'watching' ? `watching: ${state.detail}` : state.at)
      },
      failed: ({ message }) => say(`failed: ${message}`),
    })
  const until = (what: RegExp, times = 1) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (reported.filter((each) => what.test(each)).length < times) return
        checks.delete(check)
        resolve()
      }
      checks.add(check)
      check()
    })
  return { source, reported, start, until }
}

describe.skipIf(lacks)(
  `calls from sound sessions${lacks ? ` (skipped: ${lacks})` : ''}`,
  { timeout: 60_000 },
  () => {
    it('a listed program that records talks, one that stops has ended; a foreign program is no call', async () => {
      const V20 = '3CXDMCC.3CX_0abcdefghijkm'
      const script = path.join(folder, 'talk.txt')
      const at = (step: number) => path.join(folder, `talk.${step}`)
      await writeFile(
        script,
        `begin 0 20\nstart 20\nbegin 1 30\nstart 30\nuntil Z:${at(1)}\nrest 30\nuntil Z:${at(2)}\nstart 30\nuntil Z:${at(3)}\nend 30\n`,
      )
      const { command, args } = wineCommand(await build(recordersMock()))
      const { source, reported, start, until } = aSource({ command, args: [...args, `Z:${script}`] })
      const stop = start()
      await until(/^talking/)
      await writeFile(at(1), '')
      await until(/^ended/)
      await writeFile(at(2), '')
      await until(/^talking/, 2)
      await writeFile(at(3), '')
      await until(/^ended/, 2)
      await stop()
      await stop()
      expect(reported.filter((each) => /^(talking|ended)/.test(each))).toEqual([
        `talking ${V20}`,
        `ended ${V20}`,
        `talking ${V20}`,
        `ended ${V20}`,
      ])
      expect(source.state()).toEqual({ at: 'stopped' })
    })

    it('the helper as it ships watches on a PC without a microphone', async () => {
      const { command, args } = wineCommand(await build(await helper()))
      // No sound server and no card: Wine has no microphone then.
      const { reported, start, until } = aSource({
        command,
        args: [...args.slice(0, 2), 'PULSE_SERVER=none', ...args.slice(2)],
      })
      const stop = start()
      await until(/^watching|^failed/)
      expect(reported.at(-1)).toBe('watching: no softphone records')
      await stop()
    })

    it('a system with microphones that does not list the recording programs (Wine 8) is reported, with the remedy', async () => {
      await using pulse = await startPulseServer()
      const { command, args } = wineCommand(await build(await helper()))
      const { PULSE_SERVER = '', PULSE_COOKIE = '' } = pulse.environment
      const { reported, start, until } = aSource({
        command,
        args: [
          ...args.slice(0, 2),
          `PULSE_SERVER=${PULSE_SERVER}`,
          `PULSE_COOKIE=${PULSE_COOKIE}`,
          ...args.slice(2),
        ],
      })
      const stop = start()
      await until(/^failed/)
      expect(reported.at(-1)).toBe(
        'failed: The helper that asks Windows who records does not work: This system does not list the programs that record; calls are noticed otherwise. (hresult:0x80004001).',
      )
      await stop()
    })

    it('the helper ends with the agent that started it, also when that is killed', async () => {
      const { command, args } = wineCommand(await build(recordersMock()))
      const agent = spawn(
        process.execPath,
        [
          '-e',
          `const child = require('node:child_process').spawn(${JSON.stringify(command)}, ${JSON.stringify([...args, '--sessions'])}, { stdio: ['pipe', 'inherit', 'pipe'] }); child.stderr.once('data', () => process.stdout.write('up\\n'))`,
        ],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      )
      let said = ''
      const up = new Promise<void>((resolve) => {
        agent.stdout.on('data', (chunk: Buffer) => {
          said += chunk.toString()
          if (said.includes('up')) resolve()
        })
      })
      // The helper holds the other end of the agent's standard output: it closes when both are gone.
      const gone = new Promise((resolve) => agent.stdout.once('close', resolve))
      await up
      agent.kill('SIGKILL')
      await gone
      expect(said).toMatch(/left 0/)
    })
  },
)
