import axios, { isAxiosError, type AxiosRequestConfig } from 'axios'
import type { Clock } from '@3cx-ninja/protocol'
import { jsonOf, retryAfterOf, type Answer } from './answers.ts'
import { createRateLimit } from './rateLimit.ts'

const REQUEST_MS = 20_000
const MAX_ANSWER_BYTES = 32 * 1_048_576
/** The request certainly did not leave: no name, no route, no handshake. */
const NEVER_ARRIVED = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]

/** One HTTP exchange within the rate, judged by nobody yet. Does not reject. */
export function createExchange(needs: {
  readonly host: string
  readonly requestsPerSecond: number
  readonly clock: Clock
}): (config: AxiosRequestConfig) => Promise<Answer> {
  const { host, clock } = needs
  const rate = createRateLimit({ clock, perSecond: needs.requestsPerSecond })
  const http = axios.create({
    baseURL: host,
    maxRedirects: 0,
    maxContentLength: MAX_ANSWER_BYTES,
    responseType: 'text',
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
    proxy: false,
  })
  return async (config) => {
    await rate.turn()
    const late = new AbortController()
    const cancelLate = clock.after(REQUEST_MS, () => late.abort())
    try {
      const { status, data, headers } = await http.request<string>({ ...config, signal: late.signal })
      const type = String(headers['content-type'] ?? '')
      const text = typeof data === 'string' ? data : ''
      const retryAfterMs = retryAfterOf(headers['retry-after'] as string | undefined, clock.nowMs()) // a header is text or absent
      const requestId = headers['x-nj-request-id'] as string | undefined
      // JSON may come with an odd content type; a page is one only if it is no JSON.
      const looksLikePage = type.includes('html') || /^\s*<(!doctype|html)/i.test(text)
      return {
        is: 'answer',
        status,
        text,
        isHtml: looksLikePage && jsonOf(text) === undefined,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(requestId ? { requestId } : {}),
      }
    } catch (error) {
      const code = isAxiosError(error) ? (error.code ?? '') : ''
      const told = error instanceof Error ? error.message || code : String(error)
      const detail = `${host}: ${late.signal.aborted ? `no answer in ${REQUEST_MS / 1_000} s` : told}`
      return { is: NEVER_ARRIVED.includes(code) ? 'no-connection' : 'cut', detail }
    } finally {
      cancelLate()
    }
  }
}
