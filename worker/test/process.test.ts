import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { LeaseId, RecordingId } from '@3cx-ninja/protocol'
import { demoCall } from '../testing/demoCall.ts'
import { ENROLLMENT_KEY, startFakeHub, type FakeHub } from '../testing/fakeHub.ts'
import { freshFolder } from '../testing/freshFolder.ts'
import { demoModel } from '../testing/realRecognition.ts'
import { aLease, aPartHeader } from '../testing/transcribe.ts'
import { startWorkerProcess } from '../testing/workerProcess.ts'

/** A lease of a minute: on a busy machine a worker may not get the processor for the usual 4 s. */
const ttlMs = 60_000
const lease = aLease({ live: true, ttlMs })
const { leaseId } = lease
/** The first twenty seconds of call 1, both channels. */
const beginning = async () => (await demoCall(1)).records.slice(0, 400)

function argsFor(hub: FakeHub, folder: string, ...more: string[]): string[] {
  const common = ['--hub', hub.url, '--enrollment-key', ENROLLMENT_KEY, '--data', folder, '--decoders', '1']
  return [...common, '--slots', '2', ...more]
}

/** Starts a worker and gives it a live call that has not ended. */
async function inTheMiddleOfACall(hub: FakeHub, folder: string, ...more: string[]) {
  const worker = startWorkerProcess(argsFor(hub, folder, ...more))
  expect(await hub.next('worker-offer')).toMatchObject({
    slots: 2,
    engine: more.includes('command') ? 'command' : 'whisper-server',
  })
  hub.send({ kind: 'lease-offer', lease, window: 1_000 })
  await hub.next('lease-accept')
  const records = await beginning()
  hub.send({ kind: 'part-follows', leaseId, stream: 1, header: aPartHeader(), position: 0 })
  hub.sendRecords(1, records)
  return { worker, records }
}
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a worker joins, sends live text and, on SIGTERM, finishes its call before it ends', async () => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  const { worker, records } = await inTheMiddleOfACall(hub, folder.folder)
  await using _ends = worker
  await hub.next('utterance')
  worker.kill('SIGTERM')
  expect(await hub.next('worker-offer')).toMatchObject({ slots: 0 })
  hub.send({ kind: 'part-ends', leaseId, part: 1, position: records.length, last: true })
  expect(await hub.next('lease-done')).toMatchObject({ fence: 1 })
  expect(await worker.ended).toEqual({ code: 0, signal: null })
  const utterances = hub.received.flatMap((message) =>
    message.kind === 'utterance' ? [message.utterance] : [],
  )
  expect(utterances.filter(({ state }) => state === 'final').length).toBeGreaterThan(2)
  expect(utterances.every(({ recordingId }) => recordingId === lease.recordingId)).toBe(true)
  const { pid } = await worker.logged('engine.started')
  expect(isAlive(Number(pid))).toBe(false)
})

test('a call that does not end in time is given back for another worker', async () => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  const { worker } = await inTheMiddleOfACall(hub, folder.folder, '--drain-seconds', '0')
  await using _ends = worker
  await hub.next('utterance')
  worker.kill('SIGTERM')
  expect(await hub.next('lease-return')).toMatchObject({ leaseId, fence: 1, reason: 'this worker stops' })
  expect(await worker.ended).toEqual({ code: 0, signal: null })
})

test.runIf(process.platform !== 'win32')(
  'a worker whose engine goes away gives all its calls back at once',
  async () => {
    await using hub = await startFakeHub()
    await using folder = await freshFolder()
    const clips = new URL('../../resources/self-test/clips.json', import.meta.url)
    const [clip] = JSON.parse(await readFile(clips, 'utf8')) as { text: string }[]
    const program = folder.file('engine.sh')
    // The program answers the self-test's text until the test removes it.
    await writeFile(program, `#!/bin/sh\nprintf '%s' "${clip?.text}"\n`, { mode: 0o755 })
    const engine = ['--engine', 'command', '--engine-command', program, '--drain-seconds', '600']
    const { worker } = await inTheMiddleOfACall(hub, folder.folder, ...engine)
    await using _ends = worker
    const quiet = aLease({
      live: true,
      ttlMs,
      leaseId: 'lease-quiet-1' as LeaseId,
      recordingId: 'recording-quiet' as RecordingId,
    })
    hub.send({ kind: 'lease-offer', lease: quiet, window: 1_000 })
    await hub.next('lease-accept')
    await rm(program)
    hub.sendRecords(1, (await demoCall(1)).records.slice(400, 800))
    const returned = [await hub.next('lease-return'), await hub.next('lease-return')]
    expect(returned.map((message) => message.leaseId).sort()).toEqual([leaseId, quiet.leaseId].sort())
    expect((await worker.ended).code).toBe(1)
  },
)

test('a second signal ends the worker at once', async () => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  const { worker } = await inTheMiddleOfACall(hub, folder.folder)
  await using _ends = worker
  worker.kill('SIGINT')
  await hub.next('worker-offer')
  worker.kill('SIGINT')
  expect((await worker.ended).code).toBe(130)
})

test('a worker whose token the hub does not know any more says that it must be enrolled again', async () => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  const identity = { hub: hub.url, id: 'worker-1', token: 'unknown-token' }
  await writeFile(folder.file('worker-identity.json'), JSON.stringify(identity))
  await using worker = startWorkerProcess(argsFor(hub, folder.folder))
  expect(await worker.ended).toEqual({ code: 3, signal: null })
  expect(worker.errors()).toMatch(/The hub refused this worker: .*enroll again/)
  expect(worker.errors()).not.toContain('unknown-token')
})

test('a worker that loses its link joins again with its kept token', async () => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  await using worker = startWorkerProcess(argsFor(hub, folder.folder))
  await hub.next('worker-offer')
  hub.cut()
  expect(await hub.next('worker-offer')).toMatchObject({ slots: 2 })
  expect(await worker.logged('hub.away')).toBeDefined()
})

test.runIf(process.platform === 'linux')('a worker that is killed leaves no engine behind', async () => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  await using worker = startWorkerProcess(argsFor(hub, folder.folder))
  await hub.next('worker-offer')
  const pid = Number((await worker.logged('engine.started')).pid)
  expect(isAlive(pid)).toBe(true)
  worker.kill('SIGKILL')
  await worker.ended
  // The kernel ends the engine at once, but the process that inherits it must reap it first.
  await expect.poll(async () => isGone(pid), { interval: 10 }).toBe(true)
})

async function isGone(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return state === '' || state.includes(') Z ')
}

test('a worker whose model does not understand its language refuses to join, reports its text, and exits with 3', async () => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  const model = folder.file('french.bin')
  await copyFile(demoModel, model)
  await writeFile(
    folder.file('french.json'),
    JSON.stringify({ name: 'French in English', languages: ['en'] }),
  )
  await using worker = startWorkerProcess(argsFor(hub, folder.folder, '--model', model))
  expect(await worker.ended).toEqual({ code: 3, signal: null })
  expect(worker.errors()).toMatch(
    /The self-test failed: "The printer .*" was understood as ".*"\. The model French in English .*npm run model/,
  )
  expect(hub.received).toEqual([])
})

test('a worker whose program writes something else refuses likewise', async () => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  const engine = ['--engine', 'command', '--engine-command', 'echo "Il fait beau à Paris"']
  await using worker = startWorkerProcess(argsFor(hub, folder.folder, ...engine))
  expect(await worker.ended).toEqual({ code: 3, signal: null })
  expect(worker.errors()).toContain('was understood as "Il fait beau à Paris"')
})

test.each([
  [
    'a missing model',
    ['--model', '/nowhere/model.bin'],
    3,
    /model \/nowhere\/model\.bin is missing.*npm run model/,
  ],
  ['a missing program', ['--binary', '/nowhere/server'], 1, /\/nowhere\/server is missing.*setup:whisper/],
  ['a wrong setting', ['--threads', '0'], 3, /--threads .* is '0'/],
  ['a hub without protection', ['--hub', 'http://192.0.2.1:3000'], 3, /use https:\/\//],
])('%s ends the worker with its exit code and a sentence that helps', async (_name, args, code, message) => {
  await using hub = await startFakeHub()
  await using folder = await freshFolder()
  await using worker = startWorkerProcess(argsFor(hub, folder.folder, ...args))
  expect(await worker.ended).toEqual({ code, signal: null })
  expect(worker.errors()).toMatch(message)
  expect(worker.errors()).not.toMatch(/ {4}at /)
  expect(hub.received).toEqual([])
})
