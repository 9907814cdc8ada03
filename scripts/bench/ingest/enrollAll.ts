import { Agent, request } from 'node:https'
import { enrollResponse, type EnrollRequest } from '@3cx-ninja/protocol'
import type { Site } from '../../site/site.ts'

/** Parallel enrollments: the hub stores one after the other anyway. */
const TOGETHER = 16
/** The hub answers within milliseconds; a hub without an answer for this long has failed. */
const ANSWER_MS = 60_000

/** Enrolls `count` members as their installers would and resolves with their tokens. */
export async function enrollAll(site: Site, role: 'agent' | 'worker', count: number): Promise<string[]> {
  const { key } = await site.enrollmentKey(role)
  const ca = await site.ca()
  const [secret = ''] = key.split('.')
  const agent = new Agent({ keepAlive: true, maxSockets: TOGETHER, ca })
  try {
    const numbers = Array.from({ length: count }, (_, index) => index)
    return await Promise.all(
      numbers.map((number) =>
        enroll(`${site.hubUrl}/api/enroll`, agent, {
          role,
          secret,
          name: `bench ${number}`,
          machine: `bench-${number}`,
          ...(role === 'agent' ? { extension: String(10_000 + number) } : {}),
        }),
      ),
    )
  } finally {
    agent.destroy()
  }
}

function enroll(url: string, agent: Agent, body: EnrollRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const outgoing = request(url, { method: 'POST', agent, headers, timeout: ANSWER_MS }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        if (incoming.statusCode !== 200) return reject(new Error(`not enrolled: ${text}`))
        resolve(enrollResponse.parse(JSON.parse(text)).token)
      })
    })
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error(`the hub did not answer an enrollment within ${ANSWER_MS} ms`)),
    )
    outgoing.on('error', reject)
    outgoing.end(JSON.stringify(body))
  })
}
