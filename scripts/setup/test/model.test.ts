import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { DownloadFailed, download, type DownloadNeeds } from '../download.ts'

const script = path.resolve(import.meta.dirname, '../model.ts')
const MODEL = Buffer.alloc(300_000, 'weights of a model ')
MODEL.writeUInt32LE(0x67_67_6d_6c)
const SUM = createHash('sha256').update(MODEL).digest('hex')

type Answer = (request: IncomingMessage, response: ServerResponse) => void
const from = (request: IncomingMessage) =>
  Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)

/** Answers as a server with Range does, and stops sending after `atMost` bytes. */
function serve(request: IncomingMessage, response: ServerResponse, atMost = Infinity): void {
  const start = from(request)
  if (start >= MODEL.length)
    return void response.writeHead(416, { 'content-range': `bytes */${MODEL.length}` }).end()
  const rest = MODEL.subarray(start)
  const range = `bytes ${start}-${MODEL.length - 1}/${MODEL.length}`
  response.writeHead(start > 0 ? 206 : 200, {
    'content-length': rest.length,
    'content-type': 'application/octet-stream',
    ...(start > 0 ? { 'content-range': range } : {}),
  })
  if (atMost >= rest.length) return void response.end(rest)
  response.write(rest.subarray(0, atMost))
}

/** Starts a server that answers each request with the next of these answers, and repeats the last one. */
async function aServer(...answers: [Answer, ...Answer[]]) {
  const ranges: (string | undefined)[] = []
  const server = createServer((request, response) => {
    ranges.push(request.headers.range)
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    answer?.(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = await mkdtemp(path.join(tmpdir(), 'model-'))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const file = path.join(folder, 'ggml-test.bin')
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  return {
    base,
    folder,
    file,
    ranges,
    stop,
    fetch: (changes: Partial<DownloadNeeds> = {}) => {
      const needs = {
        url: `${base}/ggml-test.bin`,
        file,
        sha256: SUM,
        bytes: MODEL.length,
        pauseMs: 1,
        tries: 3,
      }
      return download({ ...needs, onProgress: () => undefined, ...changes })
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
const whole: Answer = (request, response) => serve(request, response)
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(code, headers).end('<html>no</html>')

test('a download puts the whole model in place after its checksum, and leaves no other file in the folder', async () => {
  await using server = await aServer(whole)
  const seen: number[] = []
  expect(await server.fetch({ onProgress: (done) => seen.push(done) })).toBe(SUM)
  expect(await readFile(server.file)).toEqual(MODEL)
  expect(await readdir(server.folder)).toEqual(['ggml-test.bin'])
  expect(seen.at(-1)).toBe(MODEL.length)
})

test('a download resumes after a cut', async () => {
  let cut: () => void = () => undefined
  const beginning =
    (bytes: number): Answer =>
    (request, response) => {
      cut = () => response.destroy()
      serve(request, response, bytes)
    }
  await using server = await aServer(beginning(100_000), beginning(50_000), whole)
  await server.fetch({ onProgress: (done) => [100_000, 150_000].includes(done) && cut() })
  expect(server.ranges).toEqual([undefined, 'bytes=100000-', 'bytes=150000-'])
  expect(await readFile(server.file)).toEqual(MODEL)
})

test('a later download resumes an earlier one', async () => {
  await using server = await aServer(whole)
  await writeFile(`${server.file}.part`, MODEL.subarray(0, 123_456))
  await server.fetch()
  expect(server.ranges).toEqual(['bytes=123456-'])
  expect(await readFile(server.file)).toEqual(MODEL)
})

test('a complete partial file is only checked, not downloaded again', async () => {
  await using server = await aServer(whole)
  await writeFile(`${server.file}.part`, MODEL)
  await server.fetch()
  expect(await readFile(server.file)).toEqual(MODEL)
})

test('a partial file longer than the model is downloaded again from the start', async () => {
  await using server = await aServer(whole)
  await writeFile(`${server.file}.part`, Buffer.concat([MODEL, MODEL]))
  await server.fetch()
  expect(await readFile(server.file)).toEqual(MODEL)
})

test('a download from a server without Range starts from the beginning', async () => {
  await using server = await aServer((request, response) => {
    delete request.headers.range
    serve(request, response)
  })
  await writeFile(`${server.file}.part`, MODEL.subarray(0, 1_000))
  await server.fetch()
  expect(await readFile(server.file)).toEqual(MODEL)
})

test('a download retries a server that is briefly busy', async () => {
  await using server = await aServer(status(503), status(429), whole)
  await server.fetch()
  expect(await readFile(server.file)).toEqual(MODEL)
})

test('a download from a server that stalls is cut and retried', async () => {
  await using server = await aServer((request, response) => serve(request, response, 1_000), whole)
  await server.fetch({ stallMs: 100 })
  expect(await readFile(server.file)).toEqual(MODEL)
})

describe('a failed download reports cause and remedy, and puts no model in place', () => {
  const cases: [string, Answer, RegExp][] = [
    ['a file that is not there', status(404), /does not exist \(404\): check the name/],
    ['a refusal', status(403), /answered 403: check --base/],
    ['a page', status(200, { 'content-type': 'text/html' }), /a page instead of a file/],
    ['a server that fails again and again', status(500), /answered 500.*run this again to resume/],
    ['a connection cut at once, every time', (_request, response) => response.destroy(), /check the network/],
  ]
  test.each(cases)('a failed download reports cause and remedy: %s', async (_name, answer, message) => {
    await using server = await aServer(answer)
    const asked = server.fetch()
    await expect(asked).rejects.toThrow(DownloadFailed)
    await expect(asked).rejects.toThrow(message)
    expect(await readdir(server.folder)).not.toContain('ggml-test.bin')
  })

  test('a download without network reports the address and the remedy', async () => {
    await using server = await aServer(whole)
    await server.stop()
    await expect(server.fetch()).rejects.toThrow(/ECONNREFUSED.*check the network, or name another address/)
  })

  test('a downloaded file with another checksum is removed, so that the next run starts over', async () => {
    await using server = await aServer(whole)
    await expect(server.fetch({ sha256: 'a'.repeat(64) })).rejects.toThrow(
      /SHA-256 .* instead of aaa.*removed/,
    )
    expect(await readdir(server.folder)).toEqual([])
  })

  test('a download with more bytes than the model is refused', async () => {
    await using server = await aServer(whole)
    await expect(server.fetch({ bytes: 1_000 })).rejects.toThrow(/more than 1000 bytes: it is another file/)
    expect(await readdir(server.folder)).toEqual([])
  })

  test('a disk that is too small is reported before the first byte', async () => {
    await using server = await aServer(whole)
    await expect(server.fetch({ bytes: 2 ** 60 })).rejects.toThrow(/too little .* free up space/)
    expect(server.ranges).toEqual([])
  })

  test.runIf(process.platform === 'linux')(
    'a disk that fills up during the download is reported',
    async () => {
      await using server = await aServer(whole)
      await symlink('/dev/full', `${server.file}.part`)
      await expect(server.fetch()).rejects.toThrow(/is full: free up space .* to resume/)
    },
  )
})

function command(...args: string[]) {
  return new Promise<{ code: number | null; out: string; error: string }>((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, error] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString('utf8')))
    child.once('close', (code) => resolve({ code, out, error }))
  })
}

describe('npm run model', () => {
  test('npm run model writes the model and the worker’s manifest once', async () => {
    await using server = await aServer(whole)
    const args = ['test', '--base', `${server.base}/`, '--to', server.folder, '--sha256', SUM.toUpperCase()]
    const first = await command(...args)
    expect(first).toMatchObject({ code: 0, error: '' })
    expect(first.out).toContain('100 %')
    expect(JSON.parse(await readFile(path.join(server.folder, 'ggml-test.json'), 'utf8'))).toMatchObject({
      name: 'test',
      audioContext: 'full',
      sha256: SUM,
      bytes: MODEL.length,
    })
    expect((await command(...args)).out).toContain('already exists')
    expect(server.ranges).toHaveLength(1)
  })

  test('npm run model fetches a model with an unknown checksum and reports that it was not verified', async () => {
    await using server = await aServer(whole)
    const { code, out } = await command('mine', '--base', server.base, '--to', server.folder)
    expect(code).toBe(0)
    expect(out).toContain('NOT verified')
    expect(out).toContain(SUM)
  })

  test('npm run model refuses a known model with other content', async () => {
    await using server = await aServer(whole)
    const { code, error } = await command(
      'base',
      '--base',
      server.base,
      '--to',
      server.folder,
      '--sha256',
      'b'.repeat(64),
    )
    expect(code).toBe(1)
    expect(error).toMatch(/SHA-256/)
  })

  test('npm run model lists models with sizes, and explains wrong usage', async () => {
    const [listed, wrong, sum] = await Promise.all([
      command('--list'),
      command('--lst'),
      command('x', '--sha256', '12'),
    ])
    expect(listed.out).toMatch(/large-v3-turbo +1625 MB/)
    expect(wrong.code).toBe(1)
    expect(wrong.error).toMatch(/--lst[^]*npm run model/)
    expect(sum.error).toMatch(/64 hexadecimal digits/)
  })
})
