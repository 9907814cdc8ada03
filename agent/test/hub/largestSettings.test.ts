import { MAX_OPT_OUTS, agentSettings } from '@3cx-ninja/protocol'
import { expect, it } from 'vitest'
import { startWeb } from '../../src/main/web/start.ts'
import { parseWebArguments } from '../../src/main/web/webArguments.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { confirmedSettings, startFakeHub } from '../../testing/fakeHub.ts'
import { aFolder } from '../../testing/sounds.ts'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { randomUUID } from 'node:crypto'

const many = (value: string) => Array.from({ length: MAX_OPT_OUTS }, () => value)

it('[L9] [S1] the largest settings of a hub reach an agent over a real link, are kept, and close nothing', async () => {
  const settings = agentSettings.parse({
    ...confirmedSettings,
    consent: { ...confirmedSettings.consent, text: '\u0001'.repeat(4_000) },
    optOut: { extensions: many('9'.repeat(16)), numbers: many(`+${'9'.repeat(23)}`) },
  })
  await using hub = await startFakeHub({ settings })
  await using folder = await aFolder()
  await folder.file('index.html', '<h1>page</h1>')
  const web = await startWeb({
    arguments: parseWebArguments([
      ...['--hub', hub.url, '--enrollment-key', hub.enrollmentKey, '--extension', '201'],
      ...['--data', `${folder.path}/data`, '--page', folder.path],
    ]),
    environment: {},
    clock: systemClock,
    random: Math.random,
    newId: () => randomUUID(),
    log: silentLogger,
    version: '0.1.0',
  })
  web.agent.refused.catch(() => undefined)
  await expect.poll(() => web.agent.view().rules?.optOut.numbers.length).toBe(MAX_OPT_OUTS)
  expect(web.agent.view().link).toBe('open')
  await web.stop()
})
