import type { IncomingMessage } from 'node:http'
import {
  MAX_FRAME_BYTES,
  decodeFrame,
  storedRecording,
  refusal,
  playbackRefusal,
  type StoredRecording,
  type LogRecord,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { askHub } from '../hub/askHub.ts'
import type { Identity } from '../process/secrets.ts'
import { noSound, type NoSound } from './noSound.ts'

/** The first record of an answer: by its sequence, or shortly before a sample of the part. */
export type From = { readonly sequence: number } | { readonly sample: number }

/** Audio that the hub still has. Both methods throw `noSound` with the reason. Rules H1 to H6 of PROTOCOL.md. */
export interface HubSound {
  /** Resolves with what the hub stores of the recording. */
  describe(recordingId: RecordingId, signal: AbortSignal): Promise<StoredRecording>
  /** Yields at most `limit` records as they arrive; fewer where the part ends or the hub's copy is damaged. The caller must read on at once: the hub cuts a slow reader off. */
  records(
    of: {
      readonly recordingId: RecordingId
      readonly part: number
      readonly from: From
      readonly limit: number
    },
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogRecord[], void>
}

/** Room for a description of more than a thousand parts. */
const MAX_ANSWER_BYTES = 1_048_576
const LENGTH_BYTES = 4

export function createHubSound(needs: {
  /** Returns the hub's address and this agent's token; undefined while this PC is not enrolled. */
  readonly identity: () => Pick<Identity, 'hub' | 'token' | 'ca'> | undefined
}): HubSound {
  const ask = async (address: string, signal: AbortSignal): Promise<IncomingMessage> => {
    const identity = needs.identity()
    if (!identity) throw noSound('hub-away', 'this PC is not enrolled at any hub')
    const answer = await askHub(identity, address, signal).catch((cause: unknown) => {
      throw noSound('hub-away', 'the hub cannot be reached', cause)
    })
    if (answer.statusCode === 200) return answer
    throw noSound(
      whyRefused(answer.statusCode ?? 0, await textOf(answer)),
      `the hub answered ${answer.statusCode ?? 0}`,
    )
  }
  return {
    async describe(recordingId, signal) {
      const text = await textOf(await ask(`/api/agent/recordings/${recordingId}`, signal))
      const parsed = storedRecording.safeParse(parseJson(text))
      if (!parsed.success) throw noSound('hub-old', 'the description of the recording cannot be read')
      return parsed.data
    },
    async *records({ recordingId, part, from, limit }, signal) {
      const where = 'sample' in from ? `sample=${from.sample}` : `from=${from.sequence}`
      const address = `/api/agent/recordings/${recordingId}/parts/${part}/records?${where}&limit=${limit}`
      yield* framesOf(await ask(address, signal))
    },
  }
}

/** Yields the records of an answer, frame by frame. Throws for an answer without its end mark: the connection was cut. */
async function* framesOf(answer: IncomingMessage): AsyncGenerator<readonly LogRecord[], void> {
  let bytes = Buffer.alloc(0)
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes = Buffer.concat([bytes, chunk])
      let at = 0
      while (bytes.length - at >= LENGTH_BYTES) {
        const length = bytes.readUInt32BE(at)
        if (length === 0) return
        if (length > MAX_FRAME_BYTES) throw noSound('hub-old', `a frame of ${length} bytes`)
        if (bytes.length - at < LENGTH_BYTES + length) break
        const frame = decodeFrame(bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length))
        if (!frame.ok) throw noSound('hub-old', `a frame that is none: ${frame.fault}`)
        yield frame.records
        at += LENGTH_BYTES + length
      }
      bytes = bytes.subarray(at)
    }
  } catch (cause) {
    throw cause instanceof Error && 'why' in cause ? cause : noSound('hub-away', 'the answer was cut', cause)
  } finally {
    answer.destroy()
  }
  throw noSound('hub-away', 'the answer was cut')
}

function whyRefused(status: number, text: string): NoSound {
  const parsed = refusal.safeParse(parseJson(text))
  const error = playbackRefusal.safeParse(parsed.success ? parsed.data.error : undefined)
  if (!error.success) return status >= 500 || status === 429 ? 'hub-busy' : 'hub-old'
  switch (error.data) {
    case 'bad-token':
    case 'other-role':
      return 'hub-refused'
    case 'too-many':
    case 'too-many-attempts':
      return 'hub-busy'
    case 'unknown-recording':
    case 'not-yours':
      return 'unknown'
    case 'broken-request':
      return 'hub-old'
    case 'erased':
    case 'expired':
      return error.data
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MAX_ANSWER_BYTES) throw noSound('hub-old', 'the answer is too long')
      chunks.push(chunk)
    }
  } catch (cause) {
    throw cause instanceof Error && 'why' in cause ? cause : noSound('hub-away', 'the answer was cut', cause)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the schema reports it
  }
}
