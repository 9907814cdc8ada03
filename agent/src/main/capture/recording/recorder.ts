import { toError, type Channel, type Clock, type Language, type RecordingId } from '@3cx-ninja/protocol'
import { userError, type UserErrorCode } from '../../process/userError.ts'
import type { CallCommand } from '../../call/callState.ts'
import type { Recordings } from '../../recordings/recordingFile.ts'
import type { LiveTail } from '../../replication/liveTail.ts'
import type { BlockCodec } from './blockCodec.ts'
import type { Alarm } from './silenceWatch.ts'
import type { AudioSource } from '../sources/audioSource.ts'
import { createSupervisedSource, type ChannelLabel, type SupervisedSource } from './supervisedSource.ts'
import { createRunningRecording, type RunningRecording } from './runningRecording.ts'
import { captureTuning, type CaptureTuning } from './tuning.ts'

/** The commands of the call machine that concern a recording; `report` concerns the hub only. */
export type RecordingCommand = Exclude<CallCommand, { kind: 'report' }>
type BeginCommand = Extract<CallCommand, { kind: 'begin' }>

/** The store, the audio source and the callbacks from which the recorder is built. */
export interface RecorderNeeds {
  readonly recordings: Recordings
  readonly source: AudioSource
  readonly codec: BlockCodec
  readonly clock: Clock
  readonly tail: LiveTail
  readonly tuning?: CaptureTuning
  readonly extension: () => string
  readonly language: () => Language
  /** Returns whether a call is talked on this PC: silence is worth an alarm then. */
  readonly isTalking: () => boolean
  readonly onBegun: (command: BeginCommand) => void
  readonly onFailed: (command: BeginCommand) => void
  readonly onAlarms: (alarms: readonly Alarm[]) => void
  /** Called when a channel changes its device in the middle of a recording. */
  readonly onDevice?: (change: DeviceChange) => void
  /** Called with cause and remedy of what a person should know. */
  readonly onUserError: (error: Error) => void
}

/** A channel continues on another device from this time of the part on, for the transcript's note. */
export interface DeviceChange extends ChannelLabel {
  readonly recordingId: RecordingId
  readonly part: number
  readonly fromMs: number
}

/** Records one call at a time from the audio source; it is idle, armed (source open, pre-roll kept) or recording. */
export interface Recorder {
  /** Opens or closes the audio source; while it is open, the last seconds are kept for the beginning of a recording. */
  readonly arm: (wanted: boolean) => void
  /** Runs the command; commands of one recording take effect in their order. Never throws: failures go to `onUserError`. */
  carryOut(command: RecordingCommand): void
  /** Closes everything without sealing, as a restart would find it. Resolves once all files are closed. */
  stop(): Promise<void>
}

interface RecorderState {
  readonly needs: RecorderNeeds
  readonly running: Map<RecordingId, RunningRecording>
  /** Recordings being sealed: `erase` may still catch one. */
  readonly ending: Map<RecordingId, RunningRecording>
  readonly background: Set<Promise<void>>
  /** The device of each channel, kept over failures of the source. */
  readonly devices: Map<Channel, string>
}

/**
 * Writes the audio of calls into recordings. A recording is running from 'begin' on, then ending ('seal') until its seal is
 * durable, or gone ('erase'). Knows nothing of what may be recorded: the call machine decides that and sends commands.
 */
export function createRecorder(needs: RecorderNeeds): Recorder {
  const recorder: RecorderState = {
    needs,
    running: new Map(),
    ending: new Map(),
    background: new Set(),
    devices: new Map(),
  }
  const { running, ending } = recorder
  const source = createSupervisedSource({
    source: needs.source,
    clock: needs.clock,
    tuning: needs.tuning ?? captureTuning,
    isTalking: needs.isTalking,
    onAlarms: needs.onAlarms,
    onUserError: needs.onUserError,
    mayKeepPreRoll: () => [...running.values()].every((recording) => !recording.isPaused()),
    onBlock: (block) => {
      for (const recording of running.values()) recording.block(block)
    },
    onDevice: (device) => changeDevice(recorder, device),
  })
  return {
    arm: source.setWanted,
    carryOut: (command) => carryOut(recorder, source, command),
    async stop() {
      await source.stop()
      await Promise.all([...running.values(), ...ending.values()].map((recording) => recording.abandon()))
      await Promise.all(recorder.background)
    },
  }
}

function carryOut(recorder: RecorderState, source: SupervisedSource, command: RecordingCommand): void {
  const recording = recorder.running.get(command.recordingId)
  switch (command.kind) {
    case 'begin':
      return begin(recorder, source, command)
    case 'pause':
      return recording?.pause()
    case 'resume':
      return recording?.resume()
    case 'mark':
      return recording?.mark()
    case 'seal':
      return seal(recorder, source, command.recordingId)
    case 'erase':
      return erase(recorder, source, command.recordingId)
  }
}

function changeDevice({ needs, devices, running }: RecorderState, device: ChannelLabel): void {
  const previous = devices.get(device.channel)
  devices.set(device.channel, device.label)
  for (const [recordingId, recording] of running) {
    const position = recording.device(device)
    if (position && previous !== undefined && previous !== device.label)
      needs.onDevice?.({ recordingId, ...device, ...position })
  }
}

function begin({ needs, running }: RecorderState, source: SupervisedSource, command: BeginCommand): void {
  const { recordingId, callId, consent, paused } = command
  const recording = createRunningRecording({
    ...needs,
    tuning: needs.tuning ?? captureTuning,
    recordingId,
    paused,
    preRoll: paused ? [] : source.preRoll(),
  })
  running.set(recordingId, recording)
  const codec = needs.codec.codec
  const extension = needs.extension()
  const language = needs.language()
  recording.begin({ recordingId, callId, codec, extension, language, consent }).then(
    () => needs.onBegun(command),
    (cause: unknown) => {
      running.delete(recordingId)
      const detail = toError(cause).message
      needs.onUserError(
        userError('not-begun', `The recording cannot begin (${detail}).`, { facts: { detail }, cause }),
      )
      needs.onFailed(command)
    },
  )
}

function seal(recorder: RecorderState, source: SupervisedSource, recordingId: RecordingId): void {
  const { running, ending, needs } = recorder
  const recording = running.get(recordingId)
  running.delete(recordingId)
  source.clearPreRoll()
  if (recording) ending.set(recordingId, recording)
  runInBackground(
    recorder,
    'not-completed',
    'A recording could not be completed',
    (recording ? recording.seal() : needs.recordings.sealUnfinished(recordingId)).finally(() =>
      ending.delete(recordingId),
    ),
  )
}

function erase(recorder: RecorderState, source: SupervisedSource, recordingId: RecordingId): void {
  const { running, ending, needs } = recorder
  const recording = running.get(recordingId) ?? ending.get(recordingId)
  running.delete(recordingId)
  source.clearPreRoll()
  runInBackground(
    recorder,
    'not-erased',
    'A recording could not be erased',
    (recording?.abandon() ?? Promise.resolve()).then(() => needs.recordings.remove(recordingId)),
  )
}

function runInBackground(
  { needs, background }: RecorderState,
  code: UserErrorCode,
  what: string,
  work: Promise<void>,
): void {
  const watched = work
    .catch((cause: unknown) => needs.onUserError(userError(code, `${what}: restart the agent.`, { cause })))
    .finally(() => background.delete(watched))
  background.add(watched)
}
