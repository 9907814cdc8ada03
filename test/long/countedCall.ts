import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  callSnapshot,
  recordingId,
  CHANNELS,
  SAMPLES_PER_RECORD,
  type Channel,
  type LogRecord,
  type PartHeader,
} from '@3cx-ninja/protocol'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { createMasterKey, readMasterKeyFile } from '@3cx-ninja/recording-log/masterKey.ts'
import { nodeFileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { readPartFile } from '@3cx-ninja/recording-log/partFile.ts'
import { openSecrets, fileVault } from '../../agent/src/main/process/secrets.ts'
import { decodeRecording } from '../../agent/testing/capture/decodeRecording.ts'
import { startPulseServer, type PulseServer } from '../../agent/testing/pulse/pulseServer.ts'
import { openRecordingStore } from '../../hub/src/recordings/recordingStore.ts'
import { ask } from '../../scripts/site/ask.ts'
import { startPart, type Part, type PartLine } from '../../scripts/site/part.ts'
import { openSite, type Site } from '../../scripts/site/site.ts'
import { root } from '../../scripts/site/siteState.ts'
import { count, countedSound, leadIn, type Counted } from './countedSound.ts'
import { watchProcess, type ProcessFigures } from './processFigures.ts'

export interface CountedCall {
  readonly header: PartHeader
  /** The records that the hub holds, in order. */
  readonly records: readonly LogRecord[]
  /** The records of the agent's own file. */
  readonly agentRecords: readonly LogRecord[]
  readonly recorded: Readonly<Record<Channel, Counted>>
  readonly agent: ProcessFigures
  readonly hub: ProcessFigures
  /** The user errors that the agent reported. */
  readonly complaints: readonly PartLine[]
}

const ANSWER_MS = 60_000
/** An idle output starts with a gap of some 40 ms, and both sources need a moment to agree on one clock. */
const LEAD_IN_SECONDS = 5

/**
 * Plays a call of `seconds` through sound devices: the real headless agent detects it by the telephone's microphone, records
 * both sides with `parec` and sends them to a real hub. Both sides play from one output, so that any offset between them in
 * the recording is the agent's. Resolves with the records of both disks.
 */
export async function makeCountedCall(seconds: number): Promise<CountedCall> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(path.join(tmpdir(), '3cx-ninja-counted-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const site = await openSite({ folder })
  stack.defer(() => site.stop())
  const pulse = stack.use(await startPulseServer())
  // the microphone receives the telephone's output, sample for sample
  await pulse.pactl(
    'load-module', 'module-remap-source', 'master=speaker.monitor', 'source_name=both', 'source_properties=device.description=Both',
  ) // prettier-ignore
  const hub = await site.startHub()
  const lines: PartLine[] = []
  const agent = await startAgent({ site, folder, pulse, onLine: (line) => lines.push(line) })
  stack.defer(async () => void (await agent.kill('SIGTERM')))

  const telephone = await pulse.startTelephone({ source: 'both' })
  await agent.waitFor('talking', isPhase('talking'), ANSWER_MS)
  await pulse.untilRecording('both')
  await pulse.untilRecording('speaker.monitor')
  const watches = { agent: await watchProcess(agent.pid), hub: await watchProcess(hub.pid) }
  await play(pulse, folder, [leadIn(LEAD_IN_SECONDS), countedSound(seconds)])
  const figures = { agent: await watches.agent.stop(), hub: await watches.hub.stop() }
  await telephone.hangUp()
  const ended = await agent.waitFor('wrap-up', isPhase('wrap-up'), ANSWER_MS)
  const id = recordingId.parse(callOf(ended)?.recordingId)

  const signal = AbortSignal.any([AbortSignal.timeout(ANSWER_MS), endOf(agent), endOf(hub)])
  const agentRecords = await agentsRecords(path.join(folder, 'agent'), id, signal)
  await untilHubHas(site, agentRecords.length, signal)
  await agent.kill('SIGTERM')
  await hub.kill('SIGTERM')
  const { header, records } = await hubsRecords(folder, id)
  const sound = await decodeRecording({ header, records })
  const [forAgent, forCaller] = [count(sound.agent), count(sound.caller)]
  return {
    header,
    records,
    agentRecords,
    recorded: { agent: forAgent, caller: forCaller },
    ...figures,
    complaints: lines.filter(
      ({ kind, alarms }) => kind === 'user-error' || (kind === 'alarm' && String(alarms) !== ''),
    ),
  }
}

/** Returns the offset between the channels, in ms, at each second that both recorded. */
export function channelOffsets({ recorded }: CountedCall): readonly number[] {
  const caller = new Map(recorded.caller.seconds.map(({ number, atMs }) => [number, atMs]))
  return recorded.agent.seconds.flatMap(({ number, atMs }) => {
    const other = caller.get(number)
    return other === undefined ? [] : [atMs - other]
  })
}

/** Returns the positions, in samples, where a record of a channel does not continue the previous one. */
export function breaks({ records }: CountedCall, channel: Channel): readonly number[] {
  const audio = records.filter((record) => record.kind === 'audio' && record.channel === channel)
  return audio.flatMap(({ firstSample }, index) => {
    const before = audio[index - 1]
    return before && firstSample !== before.firstSample + SAMPLES_PER_RECORD ? [firstSample] : []
  })
}

export function describeCall(call: CountedCall): string {
  const offsets = channelOffsets(call)
  const side = (channel: Channel) => {
    const { seconds, holesMs } = call.recorded[channel]
    const span = ((seconds.at(-1)?.atMs ?? 0) - (seconds[0]?.atMs ?? 0)) / 1_000
    return `${channel}: ${seconds.length} seconds recorded over ${span.toFixed(3)} s, ${holesMs.length} holes`
  }
  const spread = Math.max(...offsets) - Math.min(...offsets)
  const process = (name: string, { cpu, children, memory }: ProcessFigures) =>
    `${name}: CPU ${(cpu * 100).toFixed(1)} % of a core (its children ${(children * 100).toFixed(1)} %), memory ${memory.earlyMb.toFixed(0)} MB early, ${memory.lateMb.toFixed(0)} MB late, ${memory.peakMb.toFixed(0)} MB at most`
  return [
    ...CHANNELS.map(side),
    `channels apart: ${Math.min(...offsets).toFixed(2)} to ${Math.max(...offsets).toFixed(2)} ms, moved by ${spread.toFixed(2)} ms`,
    `at each minute: ${offsets
      .filter((_, second) => second % 60 === 0)
      .map((ms) => ms.toFixed(1))
      .join(' ')} ms`,
    process('agent', call.agent),
    process('hub', call.hub),
  ].join('\n')
}

interface AgentNeeds {
  readonly site: Site
  readonly folder: string
  readonly pulse: PulseServer
  readonly onLine: (line: PartLine) => void
}
async function startAgent({ site, folder, pulse, onLine }: AgentNeeds): Promise<Part> {
  const { key } = await site.enrollmentKey('agent')
  const environment = Object.entries(pulse.environment).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  )
  const agent = startPart({
    name: 'agent',
    args: [
      path.join(root, 'agent/src/main/headless/main.ts'), '--hub', site.hubUrl, '--enrollment-key', key,
      '--data', path.join(folder, 'agent'), '--extension', '201', '--name', 'Camille Durand', '--json',
      '--parec', 'follow,follow', '--sources', 'pulse',
    ], // prettier-ignore
    env: Object.fromEntries(environment),
    logFile: path.join(folder, 'logs', 'agent.log'),
    onLine,
    input: '',
  })
  await agent.waitFor('connected', (line) => line.kind === 'link' && line.at === 'open', ANSWER_MS)
  return agent
}

const callOf = (line: PartLine) => (line.kind === 'call' ? callSnapshot.parse(line.call) : undefined)
const isPhase = (phase: string) => (line: PartLine) => callOf(line)?.phase === phase

/** Plays from a file with two seconds of buffer, so that no other work on this machine delays the player. */
async function play(pulse: PulseServer, folder: string, sounds: readonly Int16Array[]): Promise<void> {
  const file = path.join(folder, 'counted.raw')
  for (const samples of sounds)
    await appendFile(file, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
  const player = spawn(
    'pacat',
    ['--playback', '--device=speaker', '--raw', '--format=s16le', '--rate=16000', '--channels=1', '--latency-msec=2000', file],
    { env: { ...pulse.environment }, stdio: ['ignore', 'ignore', 'inherit'] },
  ) // prettier-ignore
  const [code] = (await once(player, 'close')) as [number | null]
  if (code !== 0) throw new Error(`pacat ended with ${String(code)}`)
}

/** Returns a signal that aborts once the part has ended: its awaited line can no longer arrive. */
function endOf(part: Part): AbortSignal {
  const ended = new AbortController()
  void part.ended.then((how) => ended.abort(new Error(`${part.name} ended (${how})`)))
  return ended.signal
}

async function agentsRecords(data: string, id: string, signal: AbortSignal): Promise<readonly LogRecord[]> {
  const { masterKey } = await openSecrets(await fileVault(data))
  const file = path.join(data, 'recordings', id, '1.rec')
  for (;;) {
    signal.throwIfAborted()
    const opened = await readPartFile({
      fs: nodeFileSystem,
      path: file,
      masterKey: createMasterKey(masterKey),
    })
    if (!opened.ok) throw new Error(opened.detail)
    const records: LogRecord[] = []
    for await (const some of opened.part.read(0)) records.push(...some)
    if (records.at(-1)?.kind === 'sealed') return records
  }
}

async function untilHubHas(site: Site, records: number, signal: AbortSignal): Promise<void> {
  const ca = await site.ca()
  for (;;) {
    signal.throwIfAborted()
    const { text } = await ask(`${site.hubUrl}/metrics`, { ca })
    if (Number(/^hub_records_total (\d+)/m.exec(text)?.[1]) >= records) return
  }
}

/** Resolves with the records on a stopped hub's disk, as its next start would find them. */
async function hubsRecords(folder: string, id: string) {
  const masterKey = await readMasterKeyFile(path.join(folder, 'hub-secrets', 'master.key'))
  if (!masterKey) throw new Error('the hub made no key')
  const store = await openRecordingStore({
    folder: path.join(folder, 'hub', 'recordings'),
    masterKey,
    clock: systemClock,
  })
  try {
    const records: LogRecord[] = []
    let header: PartHeader | undefined
    const whole = { agent: null, caller: null }
    for await (const followed of store.follow(recordingId.parse(id), whole, new AbortController().signal)) {
      if (followed.kind === 'part') header = followed.header
      if (followed.kind === 'records') records.push(...followed.records)
    }
    if (!header) throw new Error('the hub holds no such recording')
    return { header, records }
  } finally {
    await store.stop()
  }
}
