import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { recordingId, type RecordingId } from '@3cx-ninja/protocol'
import type { Desk } from '../desk/desk.ts'
import { answerAudio } from '../history/audioAnswer.ts'
import type { Playback } from '../history/playback.ts'
import { causeOf, type Logger } from '../process/log.ts'
import { readPageFile, safetyHeaders } from './pageFiles.ts'
import { openDeskSockets } from './deskSockets.ts'
import { createGuard, requestNames } from './guard.ts'

export type Playable = Pick<Playback, 'bytes' | 'read'>

export interface WebServerNeeds {
  readonly desk: Pick<Desk, 'connect'>
  /** The built page. */
  readonly page: string
  readonly port: number
  readonly token: string
  readonly openRecording: (recordingId: RecordingId) => Promise<Playable | undefined>
  readonly soundTest: () => Playable | undefined
  readonly log: Logger
}

export interface WebServer {
  /** Opens the window; holds the token. */
  readonly link: string
  readonly port: number
  stop(): Promise<void>
}

/** Serves the technician's window on this machine only, to the holder of its link, until `stop`. Rejects when the port is in use. Knows nothing of calls: those live in desk/. */
export async function startWebServer(needs: WebServerNeeds): Promise<WebServer> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      needs.log.error({ cause: causeOf(error) }, 'web.failed')
      response.destroy()
    })
  })
  await listen(server, needs.port)
  const { port } = server.address() as AddressInfo
  const guard = createGuard({ port, token: needs.token })
  const sockets = openDeskSockets({ server, guard, desk: needs.desk, log: needs.log })

  const safety = safetyHeaders(`'self' ws://127.0.0.1:${port} ws://localhost:${port}`)
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(safety)) response.setHeader(name, value)
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'GET only')
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const knock = requestNames(request)
    const token = url.searchParams.get('token')
    if (url.pathname === '/' && token !== null) {
      const verdict = guard.maySignIn(knock, token)
      if (!verdict.ok) return end(response, verdict.status, verdict.why)
      // The token leaves the address line, where it would be seen and kept.
      response.setHeader('set-cookie', guard.cookie)
      response.writeHead(303, { location: '/' }).end()
      return
    }
    const verdict = guard.mayRead(knock)
    if (!verdict.ok) return end(response, verdict.status, NOT_SIGNED_IN)
    if (url.pathname.startsWith('/audio/'))
      return sendAudio(url.pathname.slice('/audio/'.length), request, response)
    return sendFile(url.pathname, response)
  }
  const sendAudio = async (name: string, request: IncomingMessage, response: ServerResponse) => {
    const id = recordingId.safeParse(/^(.+)\.wav$/.exec(name)?.[1])
    const playable =
      name === 'test.wav' ? needs.soundTest() : id.success ? await needs.openRecording(id.data) : undefined
    if (!playable) return end(response, 404, 'This sound is not on this PC.')
    const { status, headers, body } = answerAudio(playable, request.headers.range)
    response.writeHead(status, headers)
    if (request.method === 'HEAD') return void response.end()
    // A player that seeks ends the answer early: that is not a failure.
    await pipeline(Readable.from(body, { objectMode: false }), response).catch(() => undefined)
  }
  const sendFile = async (pathname: string, response: ServerResponse) => {
    const file = await readPageFile(needs.page, pathname)
    if (!file) return end(response, 404, 'Not found')
    response.writeHead(200, {
      'content-type': file.type,
      'cache-control': pathname.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache',
    })
    response.end(file.content)
  }

  return {
    port,
    link: `http://127.0.0.1:${port}/?token=${needs.token}`,
    async stop() {
      sockets.stop()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

const NOT_SIGNED_IN =
  'Ouvrez la fenêtre par le lien que l’agent affiche à son démarrage. / Open the window by the link that the agent prints when it starts.'

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Error(`Port ${port} cannot be opened on 127.0.0.1: give another one with --port.`, { cause }),
      ),
    )
    server.listen(port, '127.0.0.1', () => resolve())
  })
}
