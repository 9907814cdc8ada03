import { Readable } from 'node:stream'
import { recordingId, type RecordingId } from '@3cx-ninja/protocol'
import { answerAudio } from '../history/audioAnswer.ts'
import { readPageFile, safetyHeaders } from '../web/pageFiles.ts'
import type { Playable } from '../app/startDesk.ts'

/** The origin of our own pages; every other origin is foreign. */
export const PAGE_ORIGIN = 'app://agent'
/** The address of the technician's window under our own origin. */
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`
/** The address of the hidden page that captures with Chromium. */
export const SOUND_PAGE_URL = `${PAGE_ORIGIN}/sound/index.html`

const SAFETY = { ...safetyHeaders("'self'"), 'cache-control': 'no-store' }

/** Where the built pages lie, and who opens the audio. */
export interface PageNeeds {
  /** The built window. */
  readonly folder: string
  /** The built page that hears the microphone, under /sound/. */
  readonly soundPage: string
  readonly openRecording: (recordingId: RecordingId) => Promise<Playable | undefined>
  readonly soundTest: () => Playable | undefined
}

/**
 * Resolves with the answer to a request of the window for `app://agent/…`: its own files and the audio of its calls, nothing
 * else of the disk.
 */
export async function answerPage(needs: PageNeeds, request: Request): Promise<Response> {
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.host !== 'agent')
    return new Response(null, { status: 405, headers: SAFETY })
  const sound = /^\/audio\/(.+)\.wav$/.exec(url.pathname)?.[1]
  if (sound !== undefined) return sendSound(needs, sound, request.headers.get('range'))
  const isSound = url.pathname.startsWith('/sound/')
  const file = isSound
    ? await readPageFile(needs.soundPage, url.pathname.slice('/sound'.length))
    : await readPageFile(needs.folder, url.pathname)
  if (!file) return new Response('Not found', { status: 404, headers: SAFETY })
  return new Response(file.content, { headers: { ...SAFETY, 'content-type': file.type } })
}

async function sendSound(needs: PageNeeds, name: string, range: string | null): Promise<Response> {
  const id = recordingId.safeParse(name)
  const playable =
    name === 'test' ? needs.soundTest() : id.success ? await needs.openRecording(id.data) : undefined
  if (!playable) return new Response('This sound is not on this PC.', { status: 404, headers: SAFETY })
  const { status, headers, body } = answerAudio(playable, range)
  // Node's own stream is the browser's, under another name for the compiler.
  const stream = Readable.toWeb(Readable.from(body, { objectMode: false })) as unknown as ReadableStream
  return new Response(stream, {
    status,
    headers: { ...SAFETY, ...headers },
  })
}

/** Returns whether a link of the page may open in the user's browser: a ticket or a help page over TLS, and nothing else. */
export function mayOpenOutside(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'https:'
}

/** Returns whether a frame shows our own page, and not one that it was led to. */
export function isOwnPage(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'app:' && new URL(address).host === 'agent'
}
