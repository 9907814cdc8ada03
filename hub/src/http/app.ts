import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import { isOpenAnswer, type Pace } from './pace.ts'

/** What the server adds to each request: the address of the peer. */
export interface RequestInfo {
  readonly remoteAddress: string
}
/** The environment of every route, as Hono types it. */
export interface HubEnv {
  Bindings: RequestInfo
}
/** One group of routes; each file of this folder makes one. */
export type Routes = Hono<HubEnv>

const MAX_BODY_BYTES = 262_144
/** What anybody may send, without a token or a session: a key with three names has 900 bytes. */
const MAX_OPEN_BODY_BYTES = 8_192
const OPEN_BODIES = ['/api/enroll', '/api/admin/sessions', '/api/wallboard/*']

/** What the app needs besides its routes: its pace, and who learns of failures. */
export interface AppNeeds {
  /** Slows down answers that anybody may have; undefined: none is slowed. */
  readonly pace?: Pace
  /** Called for a route that throws; its request is answered 500. */
  readonly onFailure: (path: string, error: Error) => void
  /** Called when a peer left in the middle of its body: nothing failed here. */
  readonly onAborted?: (address: string) => void
}

/** Returns all HTTP routes of the hub with the limits of the body, one shape of errors and strict headers. */
export function createApp(groups: readonly Routes[], needs: AppNeeds): Routes {
  const app = new Hono<HubEnv>()
  app.use(async (c, next) => {
    await next()
    if (isOpenAnswer(c.req.path, c.res.status)) await needs.pace?.(c.env.remoteAddress)
  })
  app.use(
    secureHeaders({
      // For this host alone: the hosts below its name may belong to others, and serve plain HTTP.
      strictTransportSecurity: 'max-age=15552000',
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: 'no-referrer',
    }),
  )
  addForeignPageGuard(app)
  for (const path of OPEN_BODIES) app.use(path, limitOf(MAX_OPEN_BODY_BYTES))
  app.use(limitOf(MAX_BODY_BYTES))
  for (const group of groups) app.route('/', group)
  app.notFound((c) => c.json({ error: 'not-found', message: `There is nothing at ${c.req.path}.` }, 404))
  app.onError((error, c) => {
    if (isAborted(error, c.req.raw.signal)) {
      needs.onAborted?.(c.env.remoteAddress)
      return c.json({ error: 'aborted', message: 'The request ended before its body was here.' }, 400)
    }
    needs.onFailure(c.req.path, error)
    return c.json({ error: 'internal', message: 'The hub failed at this request; its log says why.' }, 500)
  })
  return app
}

const limitOf = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: (c) => c.json({ error: 'too-large', message: `The body is larger than ${maxSize} bytes.` }, 413),
  })

/** A browser says which page a request comes from: no other page writes here, whatever cookie the browser adds. */
function addForeignPageGuard(app: Routes): void {
  app.use(async (c, next) => {
    const site = c.req.header('sec-fetch-site')
    const writes = !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
    if (writes && site !== undefined && !['same-origin', 'none'].includes(site))
      return c.json({ error: 'other-origin', message: 'This request comes from a page of another address.' }, 403) // prettier-ignore
    return next()
  })
}

/** The peer's connection ended while its body was read: its own doing, as often as it likes. */
function isAborted(error: Error & { code?: unknown }, signal: AbortSignal): boolean {
  if (signal.aborted || error.name === 'AbortError') return true
  return (
    error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.message === 'aborted'
  )
}
