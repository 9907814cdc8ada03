import { describe, expect, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { openParts } from '../../src/main/headless/openParts.ts'
import { parseWebArguments } from '../../src/main/web/webArguments.ts'
import { aFolder } from '../../testing/sounds.ts'

async function settingsOf(parec: readonly string[]) {
  await using folder = await aFolder()
  const { agent } = parseWebArguments(['--data', folder.path, '--sources', 'none', ...parec])
  const { settings } = await openParts({ arguments: agent, environment: {}, clock: systemClock })
  return (['microphone', 'loudspeaker'] as const).map((key) => [settings.value[key], settings.origin(key)])
}

describe('sound devices on the command line', () => {
  it('locks an audio device that the command line names, and leaves another to the technician', async () => {
    expect(await settingsOf(['--parec', 'headset,follow'])).toEqual([
      ['headset', 'command-line'],
      ['', 'default'],
    ])
    expect(await settingsOf(['--parec', '@DEFAULT_SOURCE@,monitor'])).toEqual([
      ['', 'default'],
      ['monitor', 'command-line'],
    ])
    expect(await settingsOf([])).toEqual([
      ['', 'default'],
      ['', 'default'],
    ])
  })
})
