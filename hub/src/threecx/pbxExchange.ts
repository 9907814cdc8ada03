import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import axios, { isAxiosError, type AxiosRequestConfig } from 'axios'
import { parseJson, type Clock } from '@3cx-ninja/protocol'
import { trustedAuthorities, type PbxAccount } from './pbxAccount.ts'
import { pbxErrorOf, type PbxError } from './pbxError.ts'
import { MAX_ANSWER_BYTES } from './tuning.ts'

/** The PBX's answer with any status, or why there is none. */
export type PbxAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown; readonly isHtml: boolean }
  | { readonly kind: 'failed'; readonly pbxError: PbxError }

/** HTTP to one PBX, open until `close`; a request under way then fails. */
export interface PbxExchange {
  /** Sends one HTTP request and resolves with any answer. Never rejects. */
  request(config: AxiosRequestConfig, signal?: AbortSignal): Promise<PbxAnswer>
  /** Cancels what is under way, and closes kept connections. */
  close(): void
}

/**
 * Creates the HTTP client of one PBX: its certificate is verified, answers are bounded in time and size, and
 * redirects are not followed with our token.
 */
export function createPbxExchange(needs: {
  readonly account: PbxAccount
  readonly clock: Clock
  readonly answerMs: number
  /** Called with the time that the PBX dates an answer with, at the moment of its arrival. */
  readonly onDate?: ((dateMs: number) => void) | undefined
}): PbxExchange {
  const { account, clock } = needs
  const closing = new AbortController()
  const plain = new Agent({ keepAlive: true })
  const http = axios.create({
    baseURL: account.url,
    maxRedirects: 0,
    responseType: 'text',
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
    proxy: false,
    httpAgent: plain,
  })
  let agent: { readonly of: string; readonly it: TlsAgent } | undefined
  /** One agent for each content of the authority's file. */
  const agentFor = (ca: string[] | undefined): TlsAgent => {
    const of = ca?.at(-1) ?? ''
    if (agent?.of === of) return agent.it
    agent?.it.destroy()
    agent = { of, it: new TlsAgent({ keepAlive: true, ...(ca ? { ca } : {}) }) }
    return agent.it
  }
  return {
    async request(config, signal) {
      const trusted = await trustedAuthorities(account)
      if (!trusted.ok) return { kind: 'failed', pbxError: trusted.pbxError }
      const timeout = new AbortController()
      const cancelTimeout = clock.after(needs.answerMs, () => timeout.abort())
      try {
        const { status, data, headers } = await http.request<unknown>({
          maxContentLength: MAX_ANSWER_BYTES,
          httpsAgent: agentFor(trusted.ca),
          ...config,
          signal: AbortSignal.any([closing.signal, timeout.signal, ...(signal ? [signal] : [])]),
        })
        const dateMs = Date.parse(String(headers['date'] ?? ''))
        if (!Number.isNaN(dateMs)) needs.onDate?.(dateMs)
        const text = typeof data === 'string' ? data : ''
        const body = parseJson(text)
        const isHtml =
          body === undefined &&
          (String(headers['content-type'] ?? '').includes('html') || /^\s*<(!doctype|html)/i.test(text))
        return { kind: 'answer', status, body, isHtml }
      } catch (error) {
        return { kind: 'failed', pbxError: pbxErrorOfFailure(error, timeout.signal.aborted, needs.answerMs) }
      } finally {
        cancelTimeout()
      }
    },
    close() {
      closing.abort()
      plain.destroy()
      agent?.it.destroy()
    },
  }
}

function pbxErrorOfFailure(error: unknown, isTimeout: boolean, answerMs: number): PbxError {
  if (isTimeout) return { code: 'no-connection', detail: `no answer in ${answerMs / 1_000} s` }
  const code = isAxiosError(error) ? (error.code ?? '') : ''
  const detail = (error instanceof Error ? error.message || code : String(error)).slice(0, 200)
  // axios has no code of its own for an answer over the limit, only this word of its message.
  if (/maxContentLength/.test(detail)) return { code: 'unexpected-answer', detail: 'far too large' }
  return pbxErrorOf(code, detail)
}
