import { randomUUID } from 'node:crypto'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { startWeb } from '../../src/main/web/start.ts'
import { parseWebArguments } from '../../src/main/web/webArguments.ts'
import type { FakeHub } from '../fakeHub.ts'
import { aFolder, aSound, aWav } from '../sounds.ts'
import { openWindow, type OpenBrowser, type WindowAppearance } from './windowPage.ts'

export interface WindowOptions extends WindowAppearance {
  /** Omitted for a PC that is not enrolled. */
  readonly hub?: FakeHub
  readonly seconds?: number
}

/** Starts a whole agent with its window: real core, real socket, real page; only the hub is a fake. */
export async function startWindow(open: OpenBrowser, options: WindowOptions = {}) {
  const folder = await aFolder()
  const { hub } = options
  const audio = await folder.file('call.wav', aWav(aSound({ seconds: options.seconds ?? 3 })))
  const hubArguments = hub
    ? ['--hub', hub.url, '--enrollment-key', hub.enrollmentKey, '--extension', '201', '--name', 'Camille']
    : []
  const web = await startWeb({
    arguments: parseWebArguments([
      ...hubArguments,
      '--data',
      `${folder.path}/data`,
      '--audio',
      audio,
      '--page',
      open.folder,
    ]),
    environment: {},
    clock: systemClock,
    random: Math.random,
    newId: () => randomUUID(),
    log: silentLogger,
    version: '0.1.0',
  })
  web.agent.refused.catch(() => undefined)
  const window = await openWindow(open.browser, web.link, options)
  return {
    ...window,
    agent: web.agent,
    step: web.step,
    async [Symbol.asyncDispose]() {
      await window[Symbol.asyncDispose]()
      await web.stop()
      await folder[Symbol.asyncDispose]()
    },
  }
}
