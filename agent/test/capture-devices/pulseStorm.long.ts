import { describe, expect, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import type { Channel } from '@3cx-ninja/protocol'
import type { ChannelDevice } from '../../src/main/capture/sources/channelFeed.ts'
import { createPulseSource } from '../../src/main/capture/sources/pulse/pulseSource.ts'
import { seededRandom } from '../../testing/capture/driftingSource.ts'
import { createReceivedSound } from '../../testing/capture/receivedSound.ts'
import { startPulseServer, type FakeTelephone, type PulseServer } from '../../testing/pulse/pulseServer.ts'

const STEPS = 25

/** Changes that people make to their sound devices during a call, in any order. */
async function aStep(pulse: PulseServer, random: () => number, world: World): Promise<string> {
  const name = `usb${Math.floor(random() * 2)}`
  const plugged = world.plugged.get(name)
  switch (Math.floor(random() * 6)) {
    case 0:
    case 1:
      if (plugged) {
        world.plugged.delete(name)
        await plugged.unplug()
        return `unplug ${name}`
      }
      world.plugged.set(name, await pulse.plug(name, name))
      return `plug ${name}`
    case 2: {
      const source = plugged ? name : 'virtmic'
      await pulse.pactl('set-default-source', source)
      return `default ${source}`
    }
    case 3: {
      const sink = world.sink === 'speaker' ? 'micfeed' : 'speaker'
      world.sink = sink
      await pulse.pactl('set-default-sink', sink)
      return `default output ${sink}`
    }
    case 4:
      if (world.telephone) {
        await world.telephone.hangUp()
        world.telephone = undefined
        return 'hang up'
      }
      world.telephone = await pulse.startTelephone({ source: plugged ? name : 'virtmic' })
      return 'call'
    default: {
      const ours = (await pulse.recordings()).find(
        ({ application, source }) => application === '3CX-Ninja Realtime' && !source.endsWith('.monitor'),
      )
      if (!ours) return 'nothing to move'
      await pulse.pactl('move-source-output', String(ours.index), 'virtmic').catch(() => undefined)
      return 'move'
    }
  }
}

interface World {
  readonly plugged: Map<string, { unplug(): Promise<void> }>
  telephone: FakeTelephone | undefined
  sink: string
}

describe('devices that come and go in any order', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'devices that come and go leave each channel on the right device, its blocks in order (seed %i)',
    async (seed) => {
      const random = seededRandom(seed)
      await using pulse = await startPulseServer()
      const received = createReceivedSound()
      let devices: Partial<Record<Channel, ChannelDevice>> = {}
      const source = createPulseSource({
        choices: () => ({ agent: { kind: 'follow' }, caller: { kind: 'follow' } }),
        clock: systemClock,
        environment: pulse.environment,
        onUserError: () => undefined,
        onDevices: (next) => {
          devices = next
          received.changed()
        },
      })
      const capture = source.start(received.listener)
      await received.until('sound', () => received.seconds() > 0.3)
      const world: World = { plugged: new Map(), telephone: undefined, sink: 'speaker' }
      const done: string[] = []
      for (let step = 0; step < STEPS; step++) {
        done.push(await aStep(pulse, random, world))
        if (random() < 0.5) await received.more(0.2)
      }
      // A quiet second, then each channel must be on its device.
      await received.more(1)
      await received.until('both devices', () => Boolean(devices.agent && devices.caller))
      await received.more(1)
      const ours = (await pulse.recordings()).filter(
        ({ application }) => application === '3CX-Ninja Realtime',
      )
      const story = `seed ${seed}: ${done.join(', ')} -> ${JSON.stringify(ours)} ${JSON.stringify(devices)}`
      expect(ours.map(({ source }) => source.endsWith('.monitor')).sort(), story).toEqual([false, true])
      const caller = ours.find(({ source }) => source.endsWith('.monitor'))
      expect(caller?.source, story).toBe(`${world.sink}.monitor`)
      const firsts = received.blocks.map(({ firstSample }) => firstSample)
      expect(
        [...firsts].sort((a, b) => a - b),
        story,
      ).toEqual(firsts)
      await capture.stop()
      expect((await pulse.recordings()).some(({ application }) => application === '3CX-Ninja Realtime')).toBe(
        false,
      )
    },
  )
})
