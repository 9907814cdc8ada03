import axios, { isAxiosError, type AxiosRequestConfig } from 'axios'
import { parseJson, toError, type Clock } from '@3cx-ninja/protocol'
import { retryAfterOf, type Answer } from './answers.ts'
import { createRateLimit } from './rateLimit.ts'
import { MAX_ANSWER_BYTES, REQUEST_MS } from './tuning.ts'

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

/** Returns a function that sends one HTTP request within the rate and resolves with what came back. Never rejects. */
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
    const timeout = new AbortController()
    const cancelTimeout = clock.after(REQUEST_MS, () => timeout.abort())
    try {
      const { status, data, headers } = await http.request<string>({ ...config, signal: timeout.signal })
      const type = String(headers['content-type'] ?? '')
      const text = typeof data === 'string' ? data : ''
      const retryAfterMs = retryAfterOf(headers['retry-after'] as string | undefined, clock.nowMs()) // a header is text or absent
      const requestId = headers['x-nj-request-id'] as string | undefined
      // JSON may come with a wrong content type: a text counts as a page only when it is not JSON.
      const isPage = type.includes('html') || /^\s*<(!doctype|html)/i.test(text)
      return {
        kind: 'answer',
        status,
        text,
        isHtml: isPage && parseJson(text) === undefined,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(requestId ? { requestId } : {}),
      }
    } catch (error) {
      const code = isAxiosError(error) ? (error.code ?? '') : ''
      const reason = toError(error).message || code
      const detail = `${host}: ${timeout.signal.aborted ? `no answer in ${REQUEST_MS / 1_000} s` : reason}`
      return { kind: NEVER_ARRIVED.includes(code) ? 'no-connection' : 'cut', detail }
    } finally {
      cancelTimeout()
    }
  }
}
