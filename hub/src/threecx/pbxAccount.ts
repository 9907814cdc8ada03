import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { errorCode } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { HubSettings } from '../settings/schema.ts'
import type { PbxError } from './pbxError.ts'

/** An API client of a PBX that has the Call Control right. */
export interface PbxAccount {
  /** Origin of the PBX's web console. */
  readonly url: string
  /** Also the number of the client's own route point, whose calls belong to no technician. */
  readonly clientId: string
  readonly clientSecret: string
  readonly caFile: string | undefined
}

/** Returns the account that is set; undefined: it is not switched on, or half of it is missing. */
export function accountOf({ threecx: { callControl } }: HubSettings): PbxAccount | undefined {
  const { url, clientId, clientSecret, caFile } = callControl
  return url && clientId && clientSecret ? { url, clientId, clientSecret, caFile } : undefined
}

/** Returns the keys that are missing where some of the account are set. */
export function missingOf({ threecx: { callControl } }: HubSettings): readonly string[] {
  const { url, clientId, clientSecret } = callControl
  const missing = Object.entries({ url, clientId, clientSecret }).filter(([, value]) => !value)
  return missing.length === 3 ? [] : missing.map(([name]) => `threecx.callControl.${name}`)
}

/**
 * Resolves with the authorities to trust besides the usual ones; undefined: only the usual ones. Reads the file again
 * at each connection, so that a renewed file counts. Never rejects.
 */
export async function trustedAuthorities({
  caFile,
}: PbxAccount): Promise<
  | { readonly ok: true; readonly ca: string[] | undefined }
  | { readonly ok: false; readonly pbxError: PbxError }
> {
  if (caFile === undefined) return { ok: true, ca: undefined }
  try {
    const pem = await readFile(caFile, 'utf8')
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return { ok: true, ca: [...rootCertificates, pem] }
    return { ok: false, pbxError: { code: 'ca-file', detail: `${caFile} holds no certificate` } }
  } catch (error) {
    return {
      ok: false,
      pbxError: { code: 'ca-file', detail: `${caFile}: ${errorCode(error)}` },
    }
  }
}
