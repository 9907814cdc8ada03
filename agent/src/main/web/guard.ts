import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The headers of a request that decide whether it is allowed. */
export interface RequestNames {
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly cookie: string | undefined
  /** `Sec-Fetch-Site`, where the browser sends it. */
  readonly site?: string | undefined
}

export type Verdict =
  { readonly ok: true } | { readonly ok: false; readonly status: 401 | 403; readonly why: string }

/**
 * Returns the checks that allow only pages which this server itself served to the holder of the link. A page of another origin in a
 * browser on this machine can reach the port, too, even under a name that it makes point here: so the names are checked first.
 */
export function createGuard({ port, token }: { readonly port: number; readonly token: string }) {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  // Cookies ignore ports: two agents on one machine have one cookie each.
  const cookieName = `desk-${port}`

  const namesUs = ({ host, origin, site }: RequestNames): Verdict => {
    if (!host || !hosts.includes(host)) return refuse(403, 'wrong host')
    if (origin !== undefined && origin !== `http://${host}`) return refuse(403, 'wrong origin')
    if (site === 'cross-site' || site === 'same-site') return refuse(403, 'wrong site')
    return { ok: true }
  }
  return {
    /** The link itself, opened from anywhere: a mail, a terminal, another page. */
    maySignIn(names: RequestNames, given: string): Verdict {
      const named = namesUs({ host: names.host, origin: undefined, cookie: undefined })
      if (!named.ok) return named
      return isSame(given, token) ? { ok: true } : refuse(401, 'wrong token')
    },
    mayRead(names: RequestNames): Verdict {
      const named = namesUs(names)
      if (!named.ok) return named
      const given = cookieOf(names.cookie, cookieName)
      return given !== undefined && isSame(given, token) ? { ok: true } : refuse(401, 'not signed in')
    },
    /** Refuses a socket without an origin: a browser always names it. */
    mayConnect(names: RequestNames): Verdict {
      if (names.origin === undefined) return refuse(403, 'no origin')
      return this.mayRead(names)
    },
    cookie: `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`,
  }
}

const refuse = (status: 401 | 403, why: string): Verdict => ({ ok: false, status, why })

/** Compares two texts in constant time. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [key = '', value] = pair.trim().split('=', 2)
    if (key === name) return value
  }
  return undefined
}

export function requestNames({ headers }: IncomingMessage): RequestNames {
  const site = headers['sec-fetch-site']
  return {
    host: headers.host,
    origin: headers.origin,
    cookie: headers.cookie,
    ...(typeof site === 'string' ? { site } : {}),
  }
}
