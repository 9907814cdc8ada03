import 'reflect-metadata'
import { createHash, createPrivateKey, randomBytes, X509Certificate as NodeCertificate } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import path from 'node:path'
import * as x509 from '@peculiar/x509'
import { DAY_MS, type Clock } from '@3cx-ninja/protocol'
import type { Certificate } from '../server/serverPort.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
/** Agents pin the authority's key: it must outlive them. */
const AUTHORITY_DAYS = 3_650
/** Clients accept at most about 13 months. */
const LEAF_DAYS = 397
const RENEW_BEFORE_DAYS = 60

/** The hub's own certificate authority. It lasts ten years, then it must be replaced and everybody enrolled again. */
export interface Authority {
  /** Certificates of all authorities that agents must trust, PEM: two during a rotation. */
  readonly pem: string
  /** SHA-256 of the public key, base64url: the second half of every enrollment key. */
  readonly pin: string
  /** Wall-clock time at which the authority itself ends. */
  readonly endsMs: number
  /** Resolves with a leaf certificate for these names; creates a new one when the old would end soon or lacks a name. */
  leaf(names: readonly string[]): Promise<Certificate>
}

/**
 * Opens the hub's own small certificate authority in the secrets folder; creates it at the first start. Rejects with
 * the remedy when it is damaged or has ended.
 */
export async function openAuthority({ folder, clock }: { folder: string; clock: Clock }): Promise<Authority> {
  x509.cryptoProvider.set(crypto)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const keyFile = path.join(folder, 'ca-key.pem')
  const certFile = path.join(folder, 'ca.pem')
  const old = await readOptional(keyFile)
  const keys = old ? await importKeys(old, await mustRead(certFile), folder) : undefined
  const authority = keys ?? (await makeAuthority({ keyFile, certFile, clock }))
  const { cert } = authority
  if (cert.notAfter.getTime() < clock.nowMs()) {
    throw new Error(
      `The hub's certificate authority (${certFile}) ended on ${cert.notAfter.toISOString().slice(0, 10)}: move ca.pem, ca-key.pem and leaf.pem away, start again, and enroll agents and workers again.`,
    )
  }
  const pem = cert.toString('pem')
  const pin = publicKeyPin(pem)
  return {
    pem,
    pin,
    endsMs: cert.notAfter.getTime(),
    leaf: (names) =>
      currentLeaf({ folder, clock, authority, names: [...new Set([...names, ...ownNames()])] }),
  }
}

/** Returns the SHA-256 of the certificate's public key, base64url: the second half of every enrollment key. */
export function publicKeyPin(pem: string): string {
  const key = new NodeCertificate(pem).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(key).digest('base64url')
}

interface AuthorityKeys {
  readonly key: CryptoKey
  readonly cert: x509.X509Certificate
}

async function makeAuthority({
  keyFile,
  certFile,
  clock,
}: {
  keyFile: string
  certFile: string
  clock: Clock
}): Promise<AuthorityKeys> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(12).toString('hex'),
    name: `CN=3CX-Ninja Realtime CA ${hostname()}`,
    notBefore: new Date(clock.nowMs() - DAY_MS),
    notAfter: new Date(clock.nowMs() + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys: pair,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(pair.publicKey),
    ],
  })
  await writeSecret(certFile, cert.toString('pem'))
  await writeSecret(keyFile, await exportKey(pair.privateKey)) // last: a key file means that the certificate is there
  return { key: pair.privateKey, cert }
}

async function currentLeaf(needs: {
  folder: string
  clock: Clock
  authority: AuthorityKeys
  names: readonly string[]
}): Promise<Certificate> {
  const { folder, clock, authority, names } = needs
  const file = path.join(folder, 'leaf.pem')
  const stored = await readOptional(file)
  if (stored) {
    const [key = '', cert = ''] = stored.split(/(?=-----BEGIN CERTIFICATE-----)/)
    if (isGood({ key, cert }, names, authority, clock))
      return { key, cert: cert + authority.cert.toString('pem') }
  }
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(12).toString('hex'),
    subject: `CN=${names[0] ?? 'localhost'}`.replace(/[^\w=.:-]/g, '-'),
    issuer: authority.cert.subject,
    notBefore: new Date(clock.nowMs() - DAY_MS),
    notAfter: new Date(Math.min(clock.nowMs() + LEAF_DAYS * DAY_MS, authority.cert.notAfter.getTime())),
    signingAlgorithm: ALGORITHM,
    publicKey: pair.publicKey,
    signingKey: authority.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isAddress(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
    ],
  })
  const key = await exportKey(pair.privateKey)
  const cert = `${leaf.toString('pem')}\n`
  await writeSecret(file, `${key}\n${cert}`)
  return { key, cert: cert + authority.cert.toString('pem') }
}

/** Returns false also for a file that is no certificate any more: the leaf is then created again. */
function isGood(
  stored: Certificate,
  names: readonly string[],
  authority: AuthorityKeys,
  clock: Clock,
): boolean {
  try {
    const leaf = new NodeCertificate(stored.cert)
    const endsMs = new Date(leaf.validTo).getTime()
    // A leaf that ends with its authority cannot be made any longer.
    const isLast = endsMs > clock.nowMs() && endsMs > authority.cert.notAfter.getTime() - DAY_MS
    return (
      (isLast || endsMs - clock.nowMs() > RENEW_BEFORE_DAYS * DAY_MS) &&
      leaf.checkIssued(new NodeCertificate(authority.cert.toString('pem'))) &&
      leaf.checkPrivateKey(createPrivateKey(stored.key)) &&
      names.every((name) => (isAddress(name) ? leaf.checkIP(name) : leaf.checkHost(name)) !== undefined)
    )
  } catch {
    return false
  }
}

/** Names and addresses of this machine, so that agents reach the hub by any of them. */
function ownNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map(({ address }) => address),
  )
  return [
    hostname(),
    'localhost',
    ...addresses.filter((address) => !address.includes('%') && !address.startsWith('fe80')),
  ]
}

const isAddress = (name: string) => name.includes(':') || /^\d+(\.\d+){3}$/.test(name)

async function exportKey(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/(.{64})/g, '$1\n').trim()}\n-----END PRIVATE KEY-----\n`
}

async function importKeys(keyPem: string, certPem: string, folder: string): Promise<AuthorityKeys> {
  try {
    const der = Buffer.from(keyPem.replace(/-----[^-]+-----/g, ''), 'base64')
    const key = await crypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign'])
    const cert = new x509.X509Certificate(certPem)
    if (!new NodeCertificate(certPem).checkPrivateKey(createPrivateKey(keyPem)))
      throw new Error('the key does not belong to the certificate')
    return { key, cert }
  } catch (cause) {
    throw new Error(
      `The hub's certificate authority in ${folder} (ca.pem, ca-key.pem) is damaged: restore the secrets folder from the backup.`,
      { cause },
    )
  }
}

async function readOptional(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
}

async function mustRead(file: string): Promise<string> {
  const text = await readOptional(file)
  if (text === undefined)
    throw new Error(`${file} is missing next to its key: restore the secrets folder from the backup.`)
  return text
}

async function writeSecret(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.new`, file)
}
