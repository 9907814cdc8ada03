/**
 * What the hub needs of a server, so that its engine can be changed: HTTP as fetch, sockets with topics and
 * back-pressure. Engines must pass `hub/testing/serverContract.ts`. No type of any socket library crosses this port.
 */
export interface SocketRequest {
  readonly headers: Headers
  readonly query: URLSearchParams
  readonly remoteAddress: string
}

export type Authorized<Context> =
  | { readonly ok: true; readonly context: Context }
  | {
      readonly ok: false
      readonly status: 401 | 403 | 404 | 429 | 503
      readonly error: string
      readonly message: string
    }

export interface ServerSocket {
  /** In order. Binary data may wait a few milliseconds to leave together with more of it; `data` must not change then. */
  send(data: string | Uint8Array): void
  /** Bytes handed over but not yet taken by the network: the measure of a slow receiver. */
  bufferedBytes(): number
  close(code: number, reason: string): void
  subscribe(topic: string): void
  unsubscribe(topic: string): void
}

export interface SocketHandlers {
  message(data: string | Uint8Array): void
  /** The buffer ran empty after much was in it (more than 64 KiB): who paused for it goes on. */
  drain?(): void
  /** Once, whoever closed; nothing is received afterwards. */
  close(code: number): void
}

export interface SocketRoute {
  readonly path: string
  /** Before the upgrade; a refusal is answered as HTTP. On success `open` is called for the new socket. */
  authorize(request: SocketRequest): Promise<Authorized<(socket: ServerSocket) => SocketHandlers>>
  readonly maxPayloadBytes: number
  /** A socket with more than this waiting is closed as too slow (4413). */
  readonly maxBufferedBytes: number
}

export interface Certificate {
  readonly key: string
  readonly cert: string
}

export interface ServerOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly tls: Certificate | undefined
  /** Address of the reverse proxy that does TLS. Without TLS of its own the server then refuses (403) who comes past it. */
  readonly proxy?: string | undefined
  readonly fetch: (request: Request, info: { readonly remoteAddress: string }) => Response | Promise<Response>
  readonly sockets: readonly SocketRoute[]
  /** A connection could not be taken (too many open files, for example); the server goes on. */
  readonly onConnectionError?: (error: Error) => void
}

export interface HubServer {
  readonly port: number
  /** To every socket subscribed to the topic. */
  publish(topic: string, text: string): void
  replaceCertificate(certificate: Certificate): void
  /** Stops listening, says 1001 to every socket, waits a moment for them, then ends what is left. Safe twice. */
  stop(): Promise<void>
}

/** Rejects with a sentence that names cause and remedy when it cannot listen. */
export type StartServer = (options: ServerOptions) => Promise<HubServer>
