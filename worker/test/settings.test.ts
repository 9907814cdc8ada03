import { expect, test } from 'vitest'
import { HELP, readSettings, settingsSchema } from '../src/settings.ts'
import { StartupError } from '../src/startupError.ts'

const hub = ['--hub', 'https://hub:3000']

test('the command line goes before the environment, and both before the defaults', () => {
  const environment = { NINJA_WORKER_HUB: 'https://other', NINJA_WORKER_THREADS: '4', NINJA_WORKER_NAME: '' }
  const settings = readSettings(hub, environment)
  expect(settings).toMatchObject({ hub: 'https://hub:3000', threads: 4, engine: 'whisper-server' })
  expect(settings?.decoders).toBeGreaterThanOrEqual(1)
  expect(settings?.name).not.toBe('')
})

test('help names every setting', () => {
  expect(readSettings(['--help'], {})).toBeUndefined()
  for (const name of Object.keys(settingsSchema.shape)) expect(HELP).toContain(`--${name}`)
})

test.each([
  [[], '--hub (NINJA_WORKER_HUB) is missing'],
  [['--hub', 'hub:3000'], "--hub (NINJA_WORKER_HUB) is 'hub:3000'"],
  [['--hub', 'http://192.0.2.1:3000'], 'use https://'],
  [[...hub, '--threads', '0'], "--threads (NINJA_WORKER_THREADS) is '0'"],
  [[...hub, '--threads', 'many'], "--threads (NINJA_WORKER_THREADS) is 'many'"],
  [[...hub, '--engine', 'cloud'], 'whisper-server'],
  [[...hub, '--engine', 'openai'], 'needs --engine-url and --engine-model'],
  [[...hub, '--engine', 'command'], 'needs --engine-command'],
  [[...hub, '--treads', '2'], '--treads'],
  [[...hub, '--threads'], '--threads'],
])('a wrong setting is named with its value: %j', (argv, part) => {
  expect(() => readSettings(argv, {})).toThrow(StartupError)
  expect(() => readSettings(argv, {})).toThrow(
    expect.objectContaining({ message: expect.stringContaining(part) }),
  )
  expect(() => readSettings(argv, {})).toThrow(/See --help/)
})
