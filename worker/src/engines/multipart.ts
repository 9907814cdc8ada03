import { randomUUID } from 'node:crypto'

/** A form body and its content type, boundary included, as an HTTP request sends them. */
export interface Multipart {
  readonly body: Uint8Array<ArrayBuffer>
  readonly type: string
}

/**
 * Returns a form with one file, as one block of bytes. Not FormData: Node 24 streams that, and a request that is aborted
 * while its body is sent ends the process with an unhandled rejection ("ReadableStream is already closed").
 */
export function toMultipart(
  fields: Readonly<Record<string, string>>,
  file: { readonly name: string; readonly type: string; readonly bytes: Uint8Array },
): Multipart {
  const boundary = `piece-${randomUUID()}`
  const head = Object.entries(fields)
    .map(
      ([name, value]) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    .join('')
  const fileHead = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${file.name}"\r\nContent-Type: ${file.type}\r\n\r\n`
  const blocks = [Buffer.from(head + fileHead), file.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]
  const body = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0))
  let at = 0
  for (const block of blocks) {
    body.set(block, at)
    at += block.length
  }
  return { body, type: `multipart/form-data; boundary=${boundary}` }
}
