import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import path from 'node:path'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import type { Clock, Random } from '@3cx-ninja/protocol'
import { startAgent, type Agent } from '../app.ts'
import type { AgentEvent } from '../agentEvents.ts'
import { loadBlockCodec } from '../capture/blockCodec.ts'
import { createDesk, type Desk } from '../desk/desk.ts'
import type { DeskSurroundings } from '../desk/ports.ts'
import { withLevels, type Levels } from '../desk/soundLevels.ts'
import { createSoundTest } from '../desk/soundTest.ts'
import { createCallScript, type ScriptStep } from '../headless/callScript.ts'
import { openParts, type HeadlessParts } from '../headless/openParts.ts'
import { loadBlockDecoders } from '../history/blockDecoder.ts'
import { openHistory } from '../history/historyStore.ts'
import { openPlayback } from '../history/playback.ts'
import { playSamples } from '../history/wav.ts'
import { causeOf, type Logger } from '../log.ts'
import { findHubs } from './findHubs.ts'
import { askHubHealth } from './hubHealth.ts'
import { listPulseDevices } from './pulseDevices.ts'
import type { WebArguments } from './webArguments.ts'
import { startWebServer } from './webServer.ts'

export interface WebNeeds {
  readonly arguments: WebArguments
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly random: Random
  readonly newId: () => string
  readonly log: Logger
  readonly version: string
}

export interface WebAgent {
  readonly agent: Agent
  /** Opens the window; holds its token. */
  readonly link: string
  step(step: ScriptStep): Promise<void>
  stop(): Promise<void>
}

/** The same agent as without a window, with the window in a browser on this machine. */
export async function startWeb(needs: WebNeeds): Promise<WebAgent> {
  const { clock, log } = needs
  const options = needs.arguments.agent
  const parts = await openParts({ arguments: options, environment: needs.environment, clock })
  const { settings, secrets, file } = parts
  const early: AgentEvent[] = []
  let sees: (event: AgentEvent) => void = (event) => void early.push(event)
  let hears: (levels: Levels) => void = () => undefined
  const source = withLevels(parts.source, (levels) => hears(levels))
  const agent = await startAgent({
    folder: options.data,
    settings,
    secrets,
    enrolmentKey: options['enrolment-key'],
    source,
    codec: await loadBlockCodec((cause) => log.warn({ cause: causeOf(cause) }, 'opus.unavailable')),
    clock,
    random: needs.random,
    newId: needs.newId,
    log,
    version: needs.version,
    machine: hostname(),
    onEvent: (event) => sees(event),
  })
  const createDecoder = await loadBlockDecoders()
  const openRecording = (recordingId: Parameters<typeof openPlayback>[0]['recordingId']) =>
    openPlayback({ recordings: agent.recordings, recordingId, createDecoder })
  const test = createSoundTest({ source, clock })
  const desk: Desk = createDesk({
    agent,
    settings,
    history: openHistory({
      folder: path.join(options.data, 'history'),
      masterKey: createMasterKey(secrets.masterKey),
      clock,
      log,
    }),
    openPlayback: openRecording,
    testSound: test.run,
    around: surroundings(needs, parts),
    clock,
    log,
  })
  for (const event of early) desk.sees(event)
  sees = desk.sees
  hears = desk.hears
  const script = createCallScript({
    clock,
    speed: options.speed,
    fact: (fact) => agent.fact(fact),
    wish: (wish) => agent.wish(wish),
    play: () => file?.play(options['audio-from'] * 1_000),
    played: file?.played ?? Promise.resolve(),
  })
  const stopAgent = async () => {
    script.stop()
    await agent.stop()
    await desk.stop()
  }
  try {
    const server = await startWebServer({
      desk,
      page: needs.arguments.page,
      port: needs.arguments.port,
      token: randomBytes(24).toString('base64url'),
      openRecording,
      soundTest: () => {
        const heard = test.heard()
        return heard && playSamples(heard)
      },
      log,
    })
    return {
      agent,
      link: server.link,
      step: (step) => script.add(step),
      async stop() {
        await server.stop()
        await stopAgent()
      },
    }
  } catch (error) {
    await stopAgent()
    throw error
  }
}

function surroundings(needs: WebNeeds, { settings, secrets, source, file }: HeadlessParts): DeskSurroundings {
  const { clock, log } = needs
  const { agent: options } = needs.arguments
  return {
    devices: async () =>
      file ? { at: 'unknown', source: source.name } : listPulseDevices(needs.environment),
    findHubs: () => findHubs({ clock, log }),
    async hubHealth() {
      const { hub } = settings.value
      if (!hub) throw new Error('the address of the hub is not set')
      return askHubHealth(hub, secrets.identity()?.ca)
    },
    callSources: () => [{ name: 'script', state: options.script ? 'on' : 'off' }],
    soundSource: source.name,
    isEnrolled: () => secrets.identity() !== undefined || options['enrolment-key'] !== '',
    isPinned: () => secrets.identity()?.ca !== undefined,
    machine: hostname(),
    version: needs.version,
  }
}
