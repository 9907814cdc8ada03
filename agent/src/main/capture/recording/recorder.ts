import type { Channel, Clock, Language, RecordingId } from '@3cx-ninja/protocol'
import { userError, type UserErrorCode } from '../../process/userError.ts'
import type { CallCommand } from '../../call/callState.ts'
import type { Recordings } from '../../recordings/recordingFile.ts'
import type { LiveTail } from '../../replication/liveTail.ts'
import type { BlockCodec } from './blockCodec.ts'
import type { Alarm } from './silenceWatch.ts'
import type { AudioSource } from '../sources/audioSource.ts'
import { createSupervisedSource, type ChannelLabel } from './supervisedSource.ts'
import { createRunningRecording, type RunningRecording } from './runningRecording.ts'
import { captureTuning, type CaptureTuning } from './tuning.ts'

export type SoundCommand = Exclude<CallCommand, { kind: 'report' }>

export interface RecorderNeeds {
  readonly recordings: Recordings
  readonly source: AudioSource
  readonly codec: BlockCodec
  readonly clock: Clock
  readonly tail: LiveTail
  readonly tuning?: CaptureTuning
  readonly extension: () => string
  readonly language: () => Language
  /** A call is being talked: silence is worth an alarm. */
  readonly isTalking: () => boolean
  readonly onBegun: (command: Extract<CallCommand, { kind: 'begin' }>) => void
  readonly onFailed: (command: Extract<CallCommand, { kind: 'begin' }>) => void
  readonly onAlarms: (alarms: readonly Alarm[]) => void
  /** In the middle of a recording a channel is heard by another device than before. */
  readonly onDevice?: (change: DeviceChange) => void
  /** Something a person should know: cause and remedy. */
  readonly onUserError: (trouble: Error) => void
}

export interface DeviceChange extends ChannelLabel {
  readonly recordingId: RecordingId
  readonly part: number
  readonly fromMs: number
}

export interface Recorder {
  /** Opens or closes the sound source; while open the last seconds are kept for the beginning of a recording. */
  readonly arm: (wanted: boolean) => void
  carryOut(command: SoundCommand): void
  /** Closes everything without sealing, as a restart would find it. */
  stop(): Promise<void>
}

/** Writes the sound of calls into recordings. Commands of one recording are carried out in their order. */
export function createRecorder(needs: RecorderNeeds): Recorder {
  const { recordings, clock, tuning = captureTuning } = needs
  const running = new Map<RecordingId, RunningRecording>()
  const ending = new Map<RecordingId, RunningRecording>()
  const work = new Set<Promise<void>>()
  /** By which device each channel was heard last, over failures of the source too. */
  const heard = new Map<Channel, string>()
  const background = (code: UserErrorCode, what: string, doing: Promise<void>) => {
    const watched = doing
      .catch((cause: unknown) => needs.onUserError(userError(code, `${what}: restart the agent.`, { cause })))
      .finally(() => work.delete(watched))
    work.add(watched)
  }
  const listening = createSupervisedSource({
    source: needs.source,
    clock,
    tuning,
    isTalking: needs.isTalking,
    onAlarms: needs.onAlarms,
    onUserError: needs.onUserError,
    mayKeep: () => [...running.values()].every((recording) => !recording.isPaused()),
    onBlock: (block) => {
      for (const recording of running.values()) recording.block(block)
    },
    onDevice: (device) => {
      const isOther = heard.get(device.channel) !== undefined && heard.get(device.channel) !== device.label
      heard.set(device.channel, device.label)
      for (const [recordingId, recording] of running) {
        const place = recording.device(device)
        if (place && isOther) needs.onDevice?.({ recordingId, ...device, ...place })
      }
    },
  })

  const begin = (command: Extract<CallCommand, { kind: 'begin' }>) => {
    const recording = createRunningRecording({
      ...needs,
      tuning,
      recordingId: command.recordingId,
      paused: command.paused,
      preRoll: command.paused ? [] : listening.preRoll(),
    })
    running.set(command.recordingId, recording)
    recording
      .begin({
        recordingId: command.recordingId,
        callId: command.callId,
        codec: needs.codec.codec,
        extension: needs.extension(),
        language: needs.language(),
        consent: command.consent,
      })
      .then(
        () => needs.onBegun(command),
        (cause: unknown) => {
          running.delete(command.recordingId)
          const detail = cause instanceof Error ? cause.message : String(cause)
          needs.onUserError(
            userError('not-begun', `The recording cannot begin (${detail}).`, { facts: { detail }, cause }),
          )
          needs.onFailed(command)
        },
      )
  }

  const seal = (recordingId: RecordingId) => {
    const recording = running.get(recordingId)
    running.delete(recordingId)
    listening.forget()
    if (recording) ending.set(recordingId, recording)
    background(
      'not-completed',
      'A recording could not be completed',
      (recording ? recording.seal() : recordings.sealUnfinished(recordingId)).finally(() =>
        ending.delete(recordingId),
      ),
    )
  }

  const erase = (recordingId: RecordingId) => {
    const recording = running.get(recordingId) ?? ending.get(recordingId)
    running.delete(recordingId)
    listening.forget()
    background(
      'not-erased',
      'A recording could not be erased',
      (recording?.abandon() ?? Promise.resolve()).then(() => recordings.remove(recordingId)),
    )
  }

  return {
    arm: listening.want,
    carryOut(command) {
      switch (command.kind) {
        case 'begin':
          return begin(command)
        case 'pause':
          return running.get(command.recordingId)?.pause()
        case 'resume':
          return running.get(command.recordingId)?.resume()
        case 'mark':
          return running.get(command.recordingId)?.mark()
        case 'seal':
          return seal(command.recordingId)
        case 'erase':
          return erase(command.recordingId)
      }
    },
    async stop() {
      await listening.stop()
      await Promise.all([...running.values(), ...ending.values()].map((recording) => recording.abandon()))
      await Promise.all(work)
    },
  }
}
