import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** An expected failure whose message is for the user: cause and remedy. */
export class DownloadFailed extends Error {}

export interface DownloadNeeds {
  readonly url: string
  /** Path of the complete file; `<file>.part` holds the bytes until then. */
  readonly file: string
  /** Expected checksum in hex; undefined when it is unknown. */
  readonly sha256: string | undefined
  /** Length of the whole file, when it is known. */
  readonly bytes: number | undefined
  readonly onProgress: (doneBytes: number, totalBytes: number | undefined) => void
  /** Maximum cuts in a row without a byte of progress, and the pause before each retry. */
  readonly tries?: number
  readonly pauseMs?: number
  /** Time without a byte that counts as a cut. */
  readonly stallMs?: number
}

/** A cut that a retry may resolve. */
class Cut extends Error {}

/**
 * Downloads a large file: resumes after an earlier run or a cut, checks the SHA-256, and only then puts the file in place.
 * Resolves with the checksum. Rejects with DownloadFailed; the partial file is kept unless it is wrong.
 */
export async function download(needs: DownloadNeeds): Promise<string> {
  const part = `${needs.file}.part`
  await mkdir(path.dirname(needs.file), { recursive: true })
  await assertRoom(needs, await sizeOf(part))
  await fetchAll(needs, part)
  const sum = await sha256Of(part)
  if (needs.sha256 !== undefined && sum !== needs.sha256) {
    await rm(part, { force: true })
    throw new DownloadFailed(
      `${needs.url} has the SHA-256 ${sum} instead of ${needs.sha256}: it was damaged in transit, or is another file. It was removed; run this again, or choose another --base.`,
    )
  }
  await rename(part, needs.file)
  return sum
}

async function fetchAll(needs: DownloadNeeds, part: string): Promise<void> {
  const { tries = 5, pauseMs = 2_000 } = needs
  let left = tries
  for (;;) {
    const before = await sizeOf(part)
    try {
      return await fetchRest(needs, part, before)
    } catch (error) {
      if (!(error instanceof Cut)) throw error
      left = (await sizeOf(part)) > before ? tries : left - 1
      if (left <= 0)
        throw new DownloadFailed(
          `${needs.url} cannot be downloaded (${error.message}): check the network, or name another address with --base. The partial file is kept; run this again to resume.`,
        )
      await pause(pauseMs)
    }
  }
}

/** Requests the missing bytes once. Rejects with a cut or a DownloadFailed. */
async function fetchRest(needs: DownloadNeeds, part: string, have: number): Promise<void> {
  const { url, stallMs = 60_000 } = needs
  const stalled = new AbortController()
  let alarm = setTimeout(() => stalled.abort(), stallMs)
  const alive = () => {
    clearTimeout(alarm)
    alarm = setTimeout(() => stalled.abort(), stallMs)
  }
  try {
    const headers = { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) }
    const answer = await fetch(url, { headers, signal: stalled.signal }).catch((error: unknown) => {
      throw new Cut(reasonOf(error))
    })
    if (answer.status === 416) return await afterTheEnd(needs, part, have, answer)
    assertFile(url, answer)
    const from = answer.status === 206 ? have : 0
    if (from > 0 && !answer.headers.get('content-range')?.startsWith(`bytes ${from}-`)) {
      await rm(part, { force: true })
      throw new Cut('the server went on at another place')
    }
    const length = Number(answer.headers.get('content-length'))
    const total = needs.bytes ?? (length > 0 ? from + length : undefined)
    const handle = await open(part, from > 0 ? 'a' : 'w').catch(throwDiskError(part))
    let done = from
    try {
      for await (const chunk of bodyOf(answer)) {
        alive()
        await writeAll(handle, chunk).catch(throwDiskError(part))
        done += chunk.length
        needs.onProgress(done, total)
      }
      await handle.sync().catch(throwDiskError(part))
    } finally {
      await handle.close()
    }
    if (total !== undefined && done < total) throw new Cut(`cut off after ${done} of ${total} bytes`)
    if (total !== undefined && done > total) {
      await rm(part, { force: true })
      throw new DownloadFailed(
        `${url} has more than ${total} bytes: it is another file. Choose another --base.`,
      )
    }
  } finally {
    clearTimeout(alarm)
  }
}

/** Handles a server without further bytes: the partial file is complete, or it belongs to another file. */
async function afterTheEnd(
  needs: DownloadNeeds,
  part: string,
  have: number,
  answer: Response,
): Promise<void> {
  await answer.body?.cancel()
  const total = /^bytes \*\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1]
  if (Number(total) === have) return needs.onProgress(have, have)
  await rm(part, { force: true })
  throw new Cut('what was there did not belong to this file; it begins anew')
}

function assertFile(url: string, answer: Response): void {
  const { status } = answer
  if (status === 408 || status === 429 || status >= 500) throw new Cut(`the server answered ${status}`)
  if (status === 404)
    throw new DownloadFailed(`${url} does not exist (404): check the name (--list) and --base.`)
  if (!answer.ok)
    throw new DownloadFailed(
      `${url} answered ${status}: check --base, and that this machine may download it.`,
    )
  if (/text\/html/i.test(answer.headers.get('content-type') ?? ''))
    throw new DownloadFailed(
      `${url} answered with a page instead of a file: a proxy or sign-in page intercepts it. Download the file with a browser, or name another address with --base.`,
    )
}

async function* bodyOf(answer: Response): AsyncGenerator<Uint8Array> {
  if (!answer.body) return
  const reader = answer.body.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new Cut(reasonOf(error))
    })
    if (done) return
    yield value
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten
}

function throwDiskError(part: string): (error: unknown) => never {
  return (error) => {
    const full = codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT'
    throw new DownloadFailed(
      full
        ? `The disk of ${part} is full: free up space or choose another folder with --to, then run this again to resume.`
        : `${part} cannot be written (${reasonOf(error)}): choose another folder with --to.`,
    )
  }
}

/** Rejects before the first byte when the disk is too small: a failure after an hour would come too late. */
async function assertRoom({ file, bytes }: DownloadNeeds, have: number): Promise<void> {
  if (bytes === undefined) return
  const { bavail, bsize } = await statfs(path.dirname(file))
  const missing = bytes - have - bavail * bsize
  if (missing > 0)
    throw new DownloadFailed(
      `The disk of ${file} has ${mega(missing)} MB too little for ${mega(bytes)} MB: free up space or choose another folder with --to.`,
    )
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

export const mega = (bytes: number) => Math.ceil(bytes / 1_000_000)

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
