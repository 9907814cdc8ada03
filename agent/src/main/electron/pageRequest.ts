import { Readable } from 'node:stream'
import { recordingId, type RecordingId } from '@3cx-ninja/protocol'
import { answerAudio } from '../history/audioAnswer.ts'
import { readPageFile, safetyHeaders } from '../web/pageFiles.ts'
import type { Playable } from '../app/startDesk.ts'

export const PAGE_ORIGIN = 'app://agent'
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`
export const SOUND_PAGE_URL = `${PAGE_ORIGIN}/sound/index.html`

const SAFETY = { ...safetyHeaders("'self'"), 'cache-control': 'no-store' }

export interface PageNeeds {
  /** The built window. */
  readonly folder: string
  /** The built page that hears the microphone, under /sound/. */
  readonly soundFolder: string
  readonly openRecording: (recordingId: RecordingId) => Promise<Playable | undefined>
  readonly soundTest: () => Playable | undefined
}

/** Answers a request of the window for `app://agent/…`: its own files and the sound of its calls, nothing else on disk. */
export async function answerPage(needs: PageNeeds, request: Request): Promise<Response> {
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.host !== 'agent')
    return new Response(null, { status: 405, headers: SAFETY })
  const sound = /^\/audio\/(.+)\.wav$/.exec(url.pathname)?.[1]
  if (sound !== undefined) return sendSound(needs, sound, request.headers.get('range'))
  const isSound = url.pathname.startsWith('/sound/')
  const file = isSound
    ? await readPageFile(needs.soundFolder, url.pathname.slice('/sound'.length))
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

/** Where a link of the page may lead: to a ticket or a help page in the user's browser, over TLS, and nowhere else. */
export function mayOpenOutside(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'https:'
}

/** Whether a frame is our own page, and not one that something made it go to. */
export function isOwnPage(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'app:' && new URL(address).host === 'agent'
}
