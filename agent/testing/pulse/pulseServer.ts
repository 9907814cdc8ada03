import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { StereoAudio } from '../../src/main/capture/sources/readStereoFile.ts'

const run = promisify(execFile)

export interface PulseServer {
  /** Environment for child processes that must use this server and no other. */
  readonly environment: Readonly<Record<string, string | undefined>>
  pid(): number
  /** Starts the server again after `kill`. */
  start(): Promise<void>
  pactl(...args: string[]): Promise<string>
  /** Plays 16 kHz mono into a sink; resolves when the sound was played. */
  play(sink: string, samples: Int16Array): Promise<void>
  /** Starts a program that records from `source` under the names of a 3CX client. */
  startTelephone(options?: { source?: string; name?: string; binary?: string }): Promise<FakeTelephone>
  /** Adds another microphone, which is silent. */
  plug(name: string, label: string): Promise<{ unplug(): Promise<void> }>
  /** Unloads the module that was loaded with these arguments. */
  unload(words: string): Promise<void>
  recordings(): Promise<readonly { index: number; pid: number; source: string; application: string }[]>
  /** Resolves with the first of the programs of this name (our own recorder) once exactly so many record from the source. */
  untilRecording(
    source: string,
    application?: string,
    count?: number,
  ): Promise<{ index: number; pid: number }>
  /** Ends the server as a crash does. */
  kill(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface FakeTelephone {
  readonly pid: number
  hangUp(): Promise<void>
}

/**
 * Starts a private PulseAudio for one test: outputs `speaker` and `micfeed`, microphone `virtmic` (the sound played into
 * `micfeed`), `speaker.monitor`. The server needs no sound card, no D-Bus, no session, and works as root and beside the
 * user's own server.
 */
export async function startPulseServer(): Promise<PulseServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pulse-'))
  const socket = path.join(folder, 'native')
  const environment = {
    ...process.env,
    LC_ALL: 'C',
    XDG_RUNTIME_DIR: folder,
    PULSE_RUNTIME_PATH: folder,
    PULSE_STATE_PATH: folder,
    PULSE_COOKIE: path.join(folder, 'cookie'),
    PULSE_SERVER: `unix:${socket}`,
  }
  const script = [
    '.fail',
    `load-module module-native-protocol-unix socket=${socket} auth-anonymous=1`,
    'load-module module-null-sink sink_name=speaker sink_properties=device.description=Speaker rate=48000 channels=2',
    'load-module module-null-sink sink_name=micfeed sink_properties=device.description=MicFeed rate=48000 channels=1',
    'load-module module-remap-source master=micfeed.monitor source_name=virtmic source_properties=device.description=VirtualMic',
    'load-module module-rescue-streams',
    'set-default-sink speaker',
    'set-default-source virtmic',
  ].join('\n')
  const scriptFile = path.join(folder, 'default.pa')
  await writeFile(scriptFile, `${script}\n`)
  const children = new Set<ChildProcess>()
  let played = 0
  let ended = Promise.resolve()
  let pid = 0
  let kill = () => false
  const start = async () => {
    const server = spawn(
      // the server ends with this process, also when the process is killed in the middle of a test
      'setpriv',
      [
        '--pdeathsig',
        'KILL',
        'pulseaudio',
        '-n',
        '-F',
        scriptFile,
        '--daemonize=no',
        '--exit-idle-time=-1',
        '--use-pid-file=no',
        '--disallow-exit=yes',
        '--log-target=stderr',
        '--log-level=info',
      ],
      { env: environment, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let log = ''
    pid = server.pid ?? 0
    kill = () => server.kill('SIGKILL')
    ended = new Promise<void>((resolve) => server.once('close', () => resolve()))
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) =>
        reject(new Error('These tests need pulseaudio: npm run setup brings it.', { cause })),
      )
      server.once('close', () => reject(new Error(`pulseaudio ended: ${log}`)))
      createInterface({ input: server.stderr }).on('line', (line) => {
        log = `${log}${line}\n`.slice(-4_000)
        if (line.includes('Daemon startup complete')) resolve()
      })
    })
  }
  await start()

  const child = (command: string, args: readonly string[]) => {
    const started = spawn(command, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
    children.add(started)
    const over = new Promise<void>((resolve) =>
      started.once('close', () => {
        children.delete(started)
        resolve()
      }),
    )
    return { started, over }
  }
  const stop = async () => {
    for (const each of children) each.kill('SIGKILL')
    kill()
    await ended
  }
  const pactl = async (...args: string[]) => (await run('pactl', args, { env: environment })).stdout.trim()

  const unload = async (words: string) => {
    const modules = (await pactl('list', 'modules', 'short')).split('\n').map((line) => line.split('\t'))
    for (const [number, , argument] of modules)
      if (number && argument?.includes(words)) await pactl('unload-module', number)
  }
  const recordings = async () => {
    const sources = JSON.parse(await pactl('-f', 'json', 'list', 'sources')) as {
      index: number
      name: string
    }[]
    const outputs = JSON.parse(await pactl('-f', 'json', 'list', 'source-outputs')) as {
      index: number
      source: number
      properties: Record<string, string>
    }[]
    return outputs.map((output) => ({
      index: output.index,
      pid: Number(output.properties['application.process.id'] ?? -1),
      source: sources.find(({ index }) => index === output.source)?.name ?? '',
      application: output.properties['application.name'] ?? '',
    }))
  }

  return {
    environment,
    start,
    pid: () => pid,
    pactl,
    unload,
    recordings,
    async plug(name, label) {
      await pactl('load-module', 'module-null-sink', `sink_name=${name}-feed`)
      await pactl(
        'load-module',
        'module-remap-source',
        `master=${name}-feed.monitor`,
        `source_name=${name}`,
        `source_properties=device.description=${label}`,
      )
      return {
        async unplug() {
          await unload(`source_name=${name}`)
          await unload(`sink_name=${name}-feed`)
        },
      }
    },
    async untilRecording(source, application = '3CX-Ninja Realtime', count = 1) {
      for (;;) {
        const all = await recordings()
        const found = all.filter((each) => each.source === source && each.application === application)
        if (found.length === count) return found[0] ?? { index: -1, pid: -1 }
      }
    },
    async play(sink, samples) {
      // The player reads a file, two seconds ahead: neither this process nor other work on the machine delays the player.
      const file = path.join(folder, `played-${(played += 1)}.raw`)
      await writeFile(file, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
      const { over } = child('pacat', [
        '--playback',
        `--device=${sink}`,
        '--raw',
        '--format=s16le',
        '--rate=16000',
        '--channels=1',
        '--latency-msec=2000',
        '--client-name=player',
        file,
      ])
      await over
    },
    async startTelephone({ source = 'virtmic', name = '3CX', binary = '3CXDesktopApp' } = {}) {
      const { started, over } = child('parec', [
        `--device=${source}`,
        `--client-name=${name}`,
        `--property=application.process.binary=${binary}`,
        '--raw',
        '--latency-msec=50',
      ])
      const pid = started.pid ?? 0
      return {
        pid,
        async hangUp() {
          started.kill('SIGTERM')
          await over
        },
      }
    },
    kill: stop,
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Resolves with the two sides of a call that ships with the project. */
export async function aSpokenCall(): Promise<StereoAudio> {
  const { readStereoFile: readSound } = await import('../../src/main/capture/sources/readStereoFile.ts')
  return readSound(path.resolve(import.meta.dirname, '../../../resources/audio/demo-call-1.flac'))
}

/** Resolves with the seconds of CPU that a process has used. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
