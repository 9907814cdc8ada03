import type { ConnectionFigures } from './connectionGuard.ts'
import type { ConnectionLimits } from './connectionLimits.ts'
import type { SocketClient } from './clientSockets.ts'
import type { ClientTraffic } from './traffic.ts'

/**
 * A request for a socket, before its upgrade. What the hub needs of a server stands in this file, so that its engine
 * can be changed: HTTP as fetch, sockets with topics and back-pressure. Engines must pass
 * `hub/testing/serverContract.ts`. No type of any socket library crosses this port.
 */
export interface SocketRequest {
  readonly headers: Headers
  readonly query: URLSearchParams
  readonly remoteAddress: string
}

/** A socket that may open, or the HTTP answer that refuses it. */
export type Authorized<Context> =
  | {
      readonly ok: true
      readonly context: Context
      /** Whose token it is: its sockets are counted and limited together. */
      readonly client?: SocketClient
    }
  | {
      readonly ok: false
      readonly status: 401 | 403 | 404 | 429 | 503
      readonly error: string
      readonly message: string
    }

/** One open socket, as the hub sends to it. After its close every call is ignored. */
export interface ServerSocket {
  /**
   * Sends in order. Binary data may wait a few milliseconds to leave together with more of it; `data` must not change
   * then.
   */
  send(data: string | Uint8Array): void
  /** Returns the bytes handed over and not yet sent to the network: the measure of a slow receiver. */
  bufferedBytes(): number
  /** Closes the socket with this code and reason; the route's `close` handler is called after it. */
  close(code: number, reason: string): void
  /**
   * Reads no more of the socket until `resume`: what its peer sends waits on the peer's machine. Messages that were already read
   * still come.
   */
  pause(): void
  /** Reads the socket again after `pause`; nothing happens when it is read. */
  resume(): void
  /**
   * Lifts the limits of a socket that has not said hello: few bytes, and the first to be closed when handles are scarce. Returns
   * false, and the caller closes the socket (`tooMany`), when its client or the hub has too many links.
   */
  admit(): boolean
  /** Adds the socket to the receivers of this topic until it unsubscribes or closes. */
  subscribe(topic: string): void
  /** Removes the socket from the receivers of this topic; nothing happens when it is none. */
  unsubscribe(topic: string): void
}

/** What a route does with one of its sockets. */
export interface SocketHandlers {
  /** Receives each message in order: a string for text, bytes for binary. */
  message(data: string | Uint8Array): void
  /** Called when the buffer ran empty after it held more than 64 KiB: a sender that paused for it resumes. */
  drain?(): void
  /** Ends the route's work for this socket: called once, whichever side closed; no message follows. */
  close(code: number): void
}

/** One path at which sockets open, with its limits. */
export interface SocketRoute {
  readonly path: string
  /** Called before the upgrade; a refusal is answered as HTTP. On success the context opens the new socket. */
  authorize(request: SocketRequest): Promise<Authorized<(socket: ServerSocket) => SocketHandlers>>
  readonly maxPayloadBytes: number
  /** A socket with more than this waiting is closed as too slow (4413). */
  readonly maxBufferedBytes: number
}

/** A private key and its certificate chain, both as PEM. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** Where the server listens, and what it serves. */
export interface ServerOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly tls: Certificate | undefined
  /** Address of the reverse proxy that does TLS. Without TLS of its own the server then refuses (403) who comes past it. */
  readonly proxy?: string | undefined
  /** Answers every HTTP request that is no upgrade; its rejection is answered with 500. */
  readonly fetch: (request: Request, info: { readonly remoteAddress: string }) => Response | Promise<Response>
  /** The address of the hub by the settings: pages of it may open sockets with their cookie. */
  readonly publicUrl?: string | undefined
  /** The limits of connections; by default those of a process without a limit of open files. */
  readonly limits?: ConnectionLimits | undefined
  readonly sockets: readonly SocketRoute[]
  /** Called when a connection could not be accepted (too many open files, for example); the server runs on. */
  readonly onConnectionError?: (error: Error) => void
}

/** What the server knows of the load by its peers. */
export interface ServerFigures {
  readonly connections: ConnectionFigures
  readonly limits: ConnectionLimits
  /** undefined: no client has sent anything lately. */
  readonly busiest: ClientTraffic | undefined
}

/** A server that listens. It is running until `stop`, which is the one way out. */
export interface HubServer {
  readonly port: number
  /** Returns how many connections there are, and which client sends the most. */
  figures(): ServerFigures
  /** Sends the text to every socket that is subscribed to the topic. */
  publish(topic: string, text: string): void
  /** Replaces the certificate for every new connection from now on; nothing happens on a plain HTTP server. */
  replaceCertificate(certificate: Certificate): void
  /**
   * Stops listening, closes every socket with 1001, waits a moment for them, then destroys what is left. Safe twice.
   */
  stop(): Promise<void>
}

/** Rejects with a sentence that names cause and remedy when it cannot listen. */
export type StartServer = (options: ServerOptions) => Promise<HubServer>
