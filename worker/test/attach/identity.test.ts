import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { expect, test } from 'vitest'
import { ensureIdentity } from '../../src/attach/identity.ts'
import { silentLog } from '../../src/log.ts'
import { StartupError } from '../../src/startupError.ts'
import { ENROLLMENT_KEY, startFakeHub } from '../../testing/fakeHub.ts'
import { freshFolder } from '../../testing/freshFolder.ts'

const identityOf = (folder: string, hub: string, enrollmentKey = '') =>
  ensureIdentity({
    folder,
    hub,
    enrollmentKey,
    name: 'test',
    clock: systemClock,
    random: () => 0.5,
    log: silentLog,
  })

test('a worker enrolls once, keeps its token where only its user can read it, and needs no key afterwards', async () => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  const identity = await identityOf(folder.folder, hub.url, ENROLLMENT_KEY)
  const file = folder.file('worker-identity.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await identityOf(folder.folder, hub.url)).toEqual(identity)
  // A backup that drops file modes restores it like this.
  await chmod(file, 0o644)
  await identityOf(folder.folder, hub.url)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('a worker without identity and without key says where to get one', async () => {
  await using folder = await freshFolder()
  await expect(identityOf(folder.folder, 'http://127.0.0.1:9')).rejects.toThrow(
    /not enrolled yet: .*admin page/,
  )
})

test('a worker that is enrolled at another hub reports that hub, and its identity is kept', async () => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  await identityOf(folder.folder, hub.url, ENROLLMENT_KEY)
  const before = await readFile(folder.file('worker-identity.json'), 'utf8')
  await expect(identityOf(folder.folder, 'http://127.0.0.1:9')).rejects.toThrow(
    new RegExp(`enrolled at ${hub.url}, not at http://127.0.0.1:9`),
  )
  expect(await readFile(folder.file('worker-identity.json'), 'utf8')).toBe(before)
})

test.each([
  ['cut off', '{"hub":"http'],
  ['empty', ''],
  ['something else', '{"hub":1}'],
])('an identity file that is %s is named, with the remedy', async (_name, text) => {
  await using folder = await freshFolder()
  await writeFile(folder.file('worker-identity.json'), text)
  await expect(identityOf(folder.folder, 'http://127.0.0.1:9', ENROLLMENT_KEY)).rejects.toThrow(
    /worker-identity\.json is damaged: remove it and enroll this worker again/,
  )
})

test('an identity that cannot be read is not replaced by a new one', async () => {
  await using folder = await freshFolder()
  await mkdir(folder.file('worker-identity.json'))
  await expect(identityOf(folder.folder, 'http://127.0.0.1:9', ENROLLMENT_KEY)).rejects.toThrow(
    /cannot be read/,
  )
})

test('an enrollment key that the hub refuses is reported in the words of the hub', async () => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  await expect(identityOf(folder.folder, hub.url, 'wrong')).rejects.toThrow(
    new StartupError('The enrollment key is unknown: make a new one.'),
  )
})

test('a hub that is away is waited for, and the log says why it was not reached', async () => {
  await using folder = await freshFolder()
  const reported = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
    void ensureIdentity({
      folder: folder.folder,
      hub: 'http://127.0.0.1:9',
      enrollmentKey: ENROLLMENT_KEY,
      name: 'test',
      clock: { ...systemClock, after: () => () => undefined },
      random: () => 0.5,
      log: { ...silentLog, warn: resolve },
    })
  })
  expect((await reported)['cause']).toMatch(/^Cannot reach the hub at .*ECONNREFUSED.*check address/)
})

test('an identity that cannot be stored is reported with the remedy', async () => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  await expect(identityOf(folder.file('no/such/folder'), hub.url, ENROLLMENT_KEY)).rejects.toThrow(
    /cannot keep its identity in .*make room or correct --data/,
  )
})
