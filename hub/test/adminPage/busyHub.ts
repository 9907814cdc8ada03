import { callId } from '@3cx-ninja/protocol'
import { aCall, aWorkerOffer } from '../../testing/messages.ts'
import type { RawLink } from '../../testing/rawClient.ts'
import type { SettingsChange, TestHub } from '../../testing/startHub.ts'
import { nextProposed, until } from './waiting.ts'
import { startHubWithPage } from './world.ts'

const PEOPLE = [
  { name: 'Nadia Benali', extension: '201', email: 'nadia.benali@exemple.fr', machine: 'PC-SUPPORT-01' },
  { name: 'Julien Martin', extension: '202', email: 'julien.martin@exemple.fr', machine: 'PC-SUPPORT-02' },
  { name: 'Camille Durand', extension: '203', email: 'camille.durand@exemple.fr', machine: 'PC-SUPPORT-03' },
  { name: 'Sophie Leroy', extension: '204', email: 'sophie.leroy@exemple.fr', machine: 'PORTABLE-17' },
]

/**
 * Starts a busy hub for pictures: technicians, a worker, a wallboard, calls, and a ticket that waits for the sign-in. The
 * names are invented.
 */
export async function aBusyHub(change: SettingsChange = {}): Promise<TestHub> {
  const hub = await startHubWithPage({
    settings: {
      hub: { name: 'Support – Exemple SARL' },
      ninjaone: { host: 'http://127.0.0.1:9', clientId: 'client', clientSecret: 'secret', organizationId: 1 },
      tickets: { undoSeconds: 0 },
      ...change,
    },
    environment: { LOG_LEVEL: 'info' },
  })
  const links: RawLink[] = []
  for (const person of PEOPLE) {
    const client = await hub.enroll('agent', person)
    if (person.name !== 'Sophie Leroy') links.push(await hub.connect('agent', client))
  }
  const worker = await hub.connect(
    'worker',
    await hub.enroll('worker', { name: 'gpu-01', machine: 'SRV-GPU-01' }),
  )
  worker.send(aWorkerOffer({ name: 'gpu-01', slots: 8 }))
  await hub.connect('wallboard', await hub.enroll('wallboard', { name: 'Salle du support', machine: 'TV-1' }))
  const [nadia, julien, camille] = links
  if (!nadia || !julien || !camille) throw new Error('three agents are connected')
  await report(nadia, 'A', { extension: '201' })
  await report(julien, 'B', { extension: '202', phase: 'ringing' })
  await fileMissedCall(camille)
  await hub.enrollmentKey('agent', { uses: 25, expiresAtMs: Date.now() + 6 * 86_400_000 })
  await until('the ticket waits for the sign-in', async () =>
    /^hub_writes_blocked 1$/m.test((await hub.ask('/metrics')).text),
  )
  const admin = await hub.signInAdmin()
  if (!change['ninjaone'])
    await admin.ask('/api/admin/settings', 'PUT', { tickets: { countdownSeconds: 20 } })
  return hub
}

async function report(link: RawLink, key: string, change: object): Promise<void> {
  link.send({
    kind: 'call-report',
    call: aCall({ callId: callId.parse(`01JCALL00000000${key}`), ...change }),
  })
  await link.next('call-stored')
}

/** Reports a missed call whose technician files the draft at once; the ticket waits, because NinjaOne has no sign-in. */
async function fileMissedCall(link: RawLink): Promise<void> {
  const endedAtMs = Date.now()
  await report(link, 'C', {
    extension: '203',
    phase: 'missed',
    endedAtMs,
    recording: 'none',
    remoteName: 'Thomas Girard',
  })
  const { draftId, revision } = await nextProposed(link)
  link.send({ kind: 'draft-decide', draftId, baseRevision: revision, decision: { kind: 'file' } })
}
