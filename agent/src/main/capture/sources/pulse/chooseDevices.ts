import type { Channel } from '@3cx-ninja/protocol'
import { isTelephone } from './telephone.ts'
import type { PulseSource, PulseState } from './pulseState.ts'

/** The setting of a channel: a device by its name, or the device that the telephone uses. */
export type DeviceChoice = { readonly kind: 'follow' } | { readonly kind: 'device'; readonly name: string }

/** The source chosen for a channel with the reason, or the reason why there is none. */
export type Chosen =
  | {
      readonly kind: 'found'
      readonly source: PulseSource
      readonly why: 'configured' | 'telephone' | 'default'
    }
  /** The chosen device is not there; this one is used instead. */
  | { readonly kind: 'stand-in'; readonly source: PulseSource; readonly missing: string }
  | { readonly kind: 'none' }

/**
 * Returns the source that a channel is recorded from: the chosen one; else the one that the telephone itself uses (its headset
 * may not be the system's default), also while it is on hold or has just hung up (`lastUsed`); else the system's default. The
 * caller is recorded from the monitor of an output.
 */
export function chooseDevice(
  channel: Channel,
  choice: DeviceChoice,
  state: PulseState,
  programs: readonly string[],
  lastUsed?: string,
): Chosen {
  const wanted = choice.kind === 'device' ? state.sources.find(({ name }) => name === choice.name) : undefined
  if (wanted) return { kind: 'found', source: wanted, why: 'configured' }
  const followed =
    (channel === 'agent' ? telephoneMicrophone(state, programs) : telephoneMonitor(state, programs)) ??
    state.sources.find(({ name }) => name === lastUsed)
  const source = followed ?? (channel === 'agent' ? defaultMicrophone(state) : defaultMonitor(state))
  if (!source) return { kind: 'none' }
  if (choice.kind === 'device') return { kind: 'stand-in', source, missing: choice.name }
  return { kind: 'found', source, why: followed ? 'telephone' : 'default' }
}

function telephoneMicrophone(state: PulseState, programs: readonly string[]): PulseSource | undefined {
  const used = state.recordings.filter((stream) => !stream.corked && isTelephone(stream, programs))
  return state.sources.find(
    ({ index, isMonitor }) => !isMonitor && used.some(({ device }) => device === index),
  )
}

function telephoneMonitor(state: PulseState, programs: readonly string[]): PulseSource | undefined {
  const used = state.playbacks.filter((stream) => !stream.corked && isTelephone(stream, programs))
  const sink = state.sinks.find(({ index }) => used.some(({ device }) => device === index))
  return sink && state.sources.find(({ name }) => name === sink.monitor)
}

function defaultMicrophone(state: PulseState): PulseSource | undefined {
  const microphones = state.sources.filter(({ isMonitor }) => !isMonitor)
  return microphones.find(({ name }) => name === state.defaultSource) ?? microphones[0]
}

function defaultMonitor(state: PulseState): PulseSource | undefined {
  const sink = state.sinks.find(({ name }) => name === state.defaultSink) ?? state.sinks[0]
  return sink && state.sources.find(({ name }) => name === sink.monitor)
}

/** Returns the devices to choose from, for the settings. */
export function devicesOf(state: PulseState) {
  const entry = ({ name, label }: PulseSource) => ({ name, label })
  return {
    microphones: state.sources.filter(({ isMonitor }) => !isMonitor).map(entry),
    outputs: state.sinks.map(({ monitor, label }) => ({ name: monitor, label })),
  }
}
