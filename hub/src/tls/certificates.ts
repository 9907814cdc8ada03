import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DAY_MS, HOUR_MS, type Clock } from '@3cx-ninja/protocol'
import type { Certificate } from '../server/serverPort.ts'
import type { HubSettings } from '../settings/schema.ts'
import { openAuthority, publicKeyPin, type Authority } from './authority.ts'

/** The file is read again this often, and the hub's own leaf checked: an hour's delay does no harm. */
const CHECK_MS = HOUR_MS
const WARN_BEFORE_DAYS = 21
/** Every agent must be enrolled again then: that takes planning. */
const WARN_AUTHORITY_DAYS = 365

/**
 * The certificates of the hub's one port. They are read at the start and again each hour until `stop`; a failed
 * reading keeps those in use.
 */
export interface Certificates {
  /** undefined: plain HTTP. */
  readonly current: Certificate | undefined
  /** What agents and workers pin, PEM, and its pin: the hub's own authority, or the root of the company's chain; undefined without either. */
  readonly caPem: string | undefined
  readonly pin: string | undefined
  /** Returns the state of the certificate in use, for `/health`. */
  health(): {
    readonly state: 'ok' | 'degraded' | 'failed'
    readonly reason: string
    readonly remedy?: string
  }
  /** Calls `onRenewed` with each certificate that replaces the one in use, and `onError` for a failed reading. */
  watch(onRenewed: (certificate: Certificate) => void, onError: (error: Error) => void): void
  /** Ends the hourly reading. Safe twice. */
  stop(): void
}

/**
 * Opens the certificates of the one port: of the hub's own authority, or the company's files, or none. Rejects with a
 * sentence that names the remedy.
 */
export async function openCertificates(
  { tls, folders, hub }: Pick<HubSettings, 'tls' | 'folders' | 'hub'>,
  clock: Clock,
): Promise<Certificates> {
  const authority =
    tls.mode === 'own-ca' ? await openAuthority({ folder: folders.secrets, clock }) : undefined
  const root = authority ? undefined : await companyRoot(tls)
  const names = [...tls.names, ...(hub.publicUrl ? [new URL(hub.publicUrl).hostname] : [])]
  const read = async () => readCertificate({ tls, names, authority })
  let current = await read()
  let stopped = false
  let cancel: () => void = () => undefined
  const watch: Certificates['watch'] = (onRenewed, onError) => {
    if (!current) return
    const check = async () => {
      try {
        const next = await read()
        if (next && next.cert !== current?.cert && !stopped) onRenewed((current = next))
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)))
      }
      if (!stopped) schedule()
    }
    const schedule = () => void (cancel = clock.after(CHECK_MS, () => void check()))
    schedule()
  }
  return {
    get current() {
      return current
    },
    caPem: authority?.pem ?? root,
    pin: authority?.pin ?? (root && publicKeyPin(root)),
    health: () => healthOf({ certificate: current, authority, root, tls }, clock),
    watch,
    stop() {
      stopped = true
      cancel()
    },
  }
}

type Health = ReturnType<Certificates['health']>

const NO_ROOT = 'agents and workers cannot enroll: tls.certFile does not end with the root of its authority'
const REMEDIES = {
  root: 'Append the root certificate of the authority to tls.certFile, and start again.',
  files: 'Put a new certificate into tls.certFile and tls.keyFile; the hub uses it within an hour.',
  'own-ca': 'The hub renews it by itself: see certificate.renewal-failed in its log.',
  authority:
    'The hub’s own authority ends: move ca.pem, ca-key.pem and leaf.pem out of folders.secrets, start again, and enroll all agents and workers again.',
} as const

function healthOf(
  {
    certificate,
    authority,
    root,
    tls,
  }: {
    certificate: Certificate | undefined
    authority: Authority | undefined
    root: string | undefined
    tls: HubSettings['tls']
  },
  clock: Clock,
): Health {
  const isPinned = authority !== undefined || root !== undefined
  if (!certificate && (tls.behindProxy === undefined || isPinned))
    return { state: 'ok', reason: 'plain HTTP, as tls.mode says' }
  if (!certificate) return { state: 'degraded', reason: NO_ROOT, remedy: REMEDIES.root }
  const endsMs = new Date(new X509Certificate(certificate.cert).validTo).getTime()
  if (authority && authority.endsMs - clock.nowMs() < WARN_AUTHORITY_DAYS * DAY_MS)
    return {
      state: 'degraded',
      reason: `the hub’s authority ends on ${dayOf(authority.endsMs)}`,
      remedy: REMEDIES.authority,
    }
  const remedy = REMEDIES[authority ? 'own-ca' : 'files']
  if (endsMs <= clock.nowMs())
    return { state: 'failed', reason: `the certificate ended on ${dayOf(endsMs)}`, remedy }
  if (!isPinned) return { state: 'degraded', reason: NO_ROOT, remedy: REMEDIES.root }
  const reason = `the certificate ends on ${dayOf(endsMs)}`
  return endsMs - clock.nowMs() < WARN_BEFORE_DAYS * DAY_MS
    ? { state: 'degraded', reason, remedy }
    : { state: 'ok', reason }
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

async function readCertificate({
  tls,
  names,
  authority,
}: {
  tls: HubSettings['tls']
  names: readonly string[]
  authority: Authority | undefined
}): Promise<Certificate | undefined> {
  if (tls.mode === 'off') return undefined
  if (authority) return authority.leaf(names)
  const [key, cert] = await Promise.all([
    readPem('tls.keyFile', tls.keyFile),
    readPem('tls.certFile', tls.certFile),
  ])
  return checkPair({ key, cert }, tls)
}

/** The root at the end of the company's chain: what agents pin instead of an authority of the hub's own. */
async function companyRoot({ certFile }: HubSettings['tls']): Promise<string | undefined> {
  if (certFile === undefined) return undefined
  const text = await readPem('tls.certFile', certFile)
  const last = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)?.at(-1)
  if (last === undefined) return undefined
  try {
    const certificate = new X509Certificate(last)
    return certificate.verify(certificate.publicKey) ? `${last}\n` : undefined
  } catch {
    return undefined // no certificate after all: checkPair says so in words
  }
}

async function readPem(setting: string, file = ''): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(
      `Setting ${setting} (${file}) cannot be read: correct the path, or the rights of the file.`,
      { cause },
    )
  }
}

function checkPair(pair: Certificate, { keyFile, certFile }: HubSettings['tls']): Certificate {
  let fits: boolean
  try {
    fits = new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key))
  } catch (cause) {
    throw new Error(
      `tls.certFile (${certFile ?? ''}) or tls.keyFile (${keyFile ?? ''}) is no PEM, or its key has a password: name a certificate chain and its key without password.`,
      { cause },
    )
  }
  if (!fits)
    throw new Error(
      `The key in tls.keyFile (${keyFile ?? ''}) does not belong to the certificate in tls.certFile (${certFile ?? ''}): name the pair that belongs together.`,
    )
  return pair
}
