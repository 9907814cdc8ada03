import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import type { Clock, Random } from '@3cx-ninja/protocol'
import type { Agent } from '../app/agent.ts'
import { createPactl } from '../capture/sources/pulse/pactl.ts'
import { startWhole } from '../process/startWhole.ts'
import type { DeskPlatform } from '../desk/ports.ts'
import { createCallScript, type ScriptStep } from '../headless/callScript.ts'
import { openParts, type HeadlessParts } from '../headless/openParts.ts'
import type { Logger } from '../process/log.ts'
import { startDeskAgent } from '../app/startDesk.ts'
import { phonePrograms } from '../telephone/phonePrograms.ts'
import { findHubs } from './findHubs.ts'
import { askHubHealth } from './hubHealth.ts'
import { listPulseDevices } from './pulseDevices.ts'
import { listPulsePrograms } from './pulsePrograms.ts'
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
export const startWeb = (needs: WebNeeds): Promise<WebAgent> =>
  startWhole(needs.log, (closers) => startParts(needs, closers))

async function startParts(needs: WebNeeds, closers: Closers): Promise<WebAgent> {
  const { clock, log } = needs
  const options = needs.arguments.agent
  const parts = await openParts({ arguments: options, environment: needs.environment, clock })
  const { settings, secrets, file } = parts
  const deskAgent = await startDeskAgent({
    ...needs,
    folder: options.data,
    settings,
    secrets,
    enrollmentKey: options['enrollment-key'],
    source: parts.source,
    callSources: parts.callSources,
    platform: deskPlatform(needs, parts),
  })
  closers.add('agent', () => deskAgent.stop())
  const { agent, desk } = deskAgent
  const script = createCallScript({
    clock,
    speed: options.speed,
    fact: (fact) => agent.fact(fact),
    act: (action) => agent.act(action),
    play: () => file?.play(options['audio-from'] * 1_000),
    played: file?.played ?? Promise.resolve(),
  })
  closers.add('script', () => script.stop())
  const server = await startWebServer({
    desk,
    page: needs.arguments.page,
    port: needs.arguments.port,
    token: randomBytes(24).toString('base64url'),
    openRecording: deskAgent.openRecording,
    soundTest: deskAgent.soundTest,
    log,
  })
  closers.add('window', () => server.stop())
  return { agent, link: server.link, step: (step) => script.add(step), stop: closers.closeAll }
}

function deskPlatform(
  needs: WebNeeds,
  { settings, secrets, source, file, soundOrigins }: HeadlessParts,
): Omit<DeskPlatform, 'callSources'> {
  const { clock, log } = needs
  const { agent: options } = needs.arguments
  return {
    devices: async () =>
      file ? { at: 'unknown', source: source.name } : listPulseDevices(needs.environment),
    microphonePrograms: () =>
      options.sources === 'pulse'
        ? listPulsePrograms(
            createPactl({ environment: needs.environment, clock }),
            phonePrograms(settings.value.phonePrograms, 'linux').programs,
          )
        : Promise.resolve([]),
    findHubs: () => findHubs({ clock, log }),
    async hubHealth() {
      const { hub } = settings.value
      if (!hub) throw new Error('the address of the hub is not set')
      return askHubHealth(hub, secrets.identity()?.ca)
    },
    soundSource: source.name,
    soundOrigins,
    isEnrolled: () => secrets.identity() !== undefined || options['enrollment-key'] !== '',
    isPinned: () => secrets.identity()?.ca !== undefined,
    app: 'browser',
    machine: hostname(),
    version: needs.version,
  }
}
