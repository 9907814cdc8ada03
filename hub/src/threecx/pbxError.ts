/** Why the PBX cannot be followed. The admin page has a sentence for each code, too. */
export type PbxErrorCode =
  | 'unknown-host'
  | 'no-connection'
  | 'certificate'
  | 'ca-file'
  | 'credentials'
  | 'token-replaced'
  | 'forbidden'
  | 'license'
  | 'no-call-control'
  | 'unexpected-answer'
  | 'busy'
  | 'cut'

/** A failure of the PBX or on the way to it, with its code. */
export interface PbxError {
  readonly code: PbxErrorCode
  /** What the PBX or the system said; never a secret. */
  readonly detail: string
}

interface Sentence {
  readonly cause: string
  readonly remedy: string
  /** A person must act: asking again soon changes nothing. */
  readonly isFinal?: boolean
}

const SENTENCES: Readonly<Record<PbxErrorCode, Sentence>> = {
  'unknown-host': {
    cause: 'the PBX’s name is not known here',
    remedy: 'Correct the address in threecx.callControl.url, or the DNS of the hub’s machine.',
  },
  'no-connection': {
    cause: 'the PBX does not answer',
    remedy: 'Check address and port (443 or 5001, as its web console), the firewall, and that the PBX runs.',
  },
  certificate: {
    cause: 'the PBX’s certificate is not trusted',
    remedy:
      'Use the name that the certificate bears, or name the company’s authority in threecx.callControl.caFile.',
  },
  'ca-file': {
    cause: 'the certificate authority’s file cannot be read',
    remedy: 'Correct threecx.callControl.caFile: a PEM file that the hub’s user may read.',
  },
  credentials: {
    cause: 'the PBX refuses client id and secret',
    remedy:
      'In 3CX: Integrations → API: make a new key for this client id, and put both into threecx.callControl.',
    isFinal: true,
  },
  'token-replaced': {
    cause: 'the PBX refuses tokens that it has just given: another program uses the same client id',
    remedy:
      'In 3CX: Integrations → API: make a client for the hub alone; only one token of a client is valid.',
  },
  forbidden: {
    cause: 'the PBX refuses this client the Call Control API',
    remedy:
      'In 3CX: Integrations → API: tick Call Control for this client; the license must be Enterprise (8SC+) or AI, and the console restrictions must allow the hub’s address.',
    isFinal: true,
  },
  license: {
    cause: 'the PBX’s license has no Call Control API',
    remedy:
      'The license must be Enterprise (8SC+) or AI. Without it, switch threecx.callControl off: the agents notice calls by themselves.',
    isFinal: true,
  },
  'no-call-control': {
    cause: 'there is no Call Control API at this address',
    remedy:
      'threecx.callControl.url must be the address of the web console of a 3CX V20 with an Enterprise license.',
    isFinal: true,
  },
  'unexpected-answer': {
    cause: 'the PBX answered something that is no answer of the Call Control API',
    remedy: 'Check that threecx.callControl.url is the PBX itself, not a page of a proxy before it.',
  },
  busy: { cause: 'the PBX is overloaded or restarting', remedy: 'Nothing: it is asked again by itself.' },
  cut: { cause: 'the connection to the PBX was cut', remedy: 'Nothing: it is made again by itself.' },
}

/** Returns the cause of the error as a sentence for the log and `/health`. */
export const causeOf = ({ code, detail }: PbxError) =>
  `${SENTENCES[code].cause}${detail ? ` (${detail})` : ''}`
/** Returns what a person does against the error, as a sentence. */
export const remedyOf = ({ code }: PbxError) => SENTENCES[code].remedy
/** Returns whether a person must act: to try again soon changes nothing. */
export const isFinal = ({ code }: PbxError) => SENTENCES[code].isFinal === true

const UNKNOWN_HOST = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME']
/** Node's and OpenSSL's words for a certificate that is not trusted. */
const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|ERR_TLS_CERT|altnames|INVALID_CA|PATH_LENGTH/

/** Returns the error that a failed connection means, by the code of Node or OpenSSL. */
export function pbxErrorOf(code: string, detail: string): PbxError {
  if (UNKNOWN_HOST.includes(code)) return { code: 'unknown-host', detail }
  if (CERTIFICATE.test(code) || /self.signed certificate|altnames/.test(detail))
    return { code: 'certificate', detail }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL'))
    return { code: 'no-connection', detail: `no TLS on this port: ${detail}`.slice(0, 200) }
  return { code: 'no-connection', detail }
}

/**
 * Returns the error of an HTTP status that is no success, of a request with a new token; the answers to the request
 * for the token itself are read where it is sent.
 */
export function pbxErrorOfStatus(status: number, isHtml: boolean): PbxError {
  const detail = `answered ${status}${isHtml ? ' with a page' : ''}`
  if (status === 401) return { code: 'token-replaced', detail }
  if (status === 403) return { code: 'forbidden', detail }
  if (status === 404 || status === 405) return { code: 'no-call-control', detail }
  if (status === 408 || status === 429 || status >= 500) return { code: 'busy', detail }
  return { code: 'unexpected-answer', detail }
}
