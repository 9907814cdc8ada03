import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'

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

/**
 * Returns all HTTP routes of the hub with one limit of the body, one shape of errors and strict headers. Calls
 * `onFailure` for a route that throws, and answers 500.
 */
export function createApp(
  groups: readonly Routes[],
  onFailure: (path: string, error: Error) => void,
): Routes {
  const app = new Hono<HubEnv>()
  app.use(
    secureHeaders({
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
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (c) =>
        c.json({ error: 'too-large', message: `The body is larger than ${MAX_BODY_BYTES} bytes.` }, 413),
    }),
  )
  for (const group of groups) app.route('/', group)
  app.notFound((c) => c.json({ error: 'not-found', message: `There is nothing at ${c.req.path}.` }, 404))
  app.onError((error, c) => {
    onFailure(c.req.path, error)
    return c.json({ error: 'internal', message: 'The hub failed at this request; its log says why.' }, 500)
  })
  return app
}
