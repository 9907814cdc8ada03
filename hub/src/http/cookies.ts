import type { Context } from 'hono'
import { setCookie } from 'hono/cookie'

/** The two cookies of the hub: that of an administrator's browser, and that of a wallboard's screen. */
export type CookieKind = 'admin' | 'wallboard'

/**
 * Returns the cookie's name. `__Host-` makes a browser refuse the name from everybody but this very host over TLS: another host
 * of the company's domain can then not plant a cookie here. Without TLS, on loopback, a browser refuses the prefix itself, and
 * the plain name is used.
 */
export const cookieName = (kind: CookieKind, secure: boolean): string => (secure ? `__Host-${kind}` : kind)

/** Sets the cookie with the flags that every cookie of the hub has; a life of 0 seconds deletes it. */
export function putCookie(
  c: Context,
  { kind, secure, value, seconds }: { kind: CookieKind; secure: boolean; value: string; seconds: number },
): void {
  setCookie(c, cookieName(kind, secure), value, {
    httpOnly: true,
    sameSite: 'Strict',
    secure,
    path: '/',
    maxAge: seconds,
  })
}
