import { expect, it } from 'vitest'
import type { Threecx } from '../../../src/http/admin/messages.ts'
import { crmTemplate } from '../../../src/http/admin/crmTemplate.ts'
import { startHub } from '../../../testing/startHub.ts'

const SECRET = 'the-webhook-secret-0123456789abcdef'

/** The value that 3CX inserts for each variable of the template, at the end of an answered call. */
/** A call of five minutes ago: a hub takes no report of months ago for a call's time. */
const START_MS = Math.floor(Date.now() / 1_000) * 1_000 - 300_000
const isoOf = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')
const VARIABLES: Readonly<Record<string, string>> = {
  '[HubUrl]': '',
  '[WebhookSecret]': SECRET,
  '[CallType]': 'Inbound',
  '[CallDirection]': 'Inbound',
  '[Number]': '+33240112233',
  '[Name]': 'Garage "Martin" & fils',
  '[Agent]': '101',
  '[QueueExtension]': '',
  '[Duration]': '00:04:32',
  '[[[DurationTimespan].get_TotalSeconds()].ToString("F0")]': '272',
  '[[CallStartTimeUTC].ToString("yyyy-MM-ddTHH:mm:ssZ")]': isoOf(START_MS),
  '[[CallEndTimeUTC].ToString("yyyy-MM-ddTHH:mm:ssZ")]': isoOf(START_MS + 272_000),
}

it('returns a CRM template by which a PBX reports a call, with the hub’s address and without its secret', async () => {
  await using hub = await startHub({ settings: { threecx: { webhookSecret: SECRET } } })
  const admin = await hub.signInAdmin()
  const template = await admin.ask('/api/admin/3cx/template.xml')
  expect(template.headers).toMatchObject({
    'content-type': 'application/xml; charset=utf-8',
    'content-disposition': 'attachment; filename="3cx-ninja-crm-template.xml"',
  })
  expect(template.text).not.toContain(SECRET)
  const report = asThePbxWouldSend(template.text)
  expect(report.address).toBe(`${hub.url}/webhook/3cx/call-event`)
  const tried = await hub.ask(report.address.replace('call-event', 'test'), report)
  expect(tried.json()).toMatchObject({
    success: true,
    understood: {
      extension: '101',
      direction: 'inbound',
      missed: false,
      remoteNumber: '+33240112233',
      remoteName: 'Garage "Martin" & fils',
      startedAtMs: START_MS,
      endedAtMs: START_MS + 272_000,
    },
  })
  expect((await hub.ask(report.address, report)).json()).toMatchObject({ success: true })
})

it('reports the webhook’s address, whether a secret is set, and whether the PBX can reach this hub', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const reported = (await admin.ask('/api/admin/3cx')).json<Threecx>()
  expect(reported).toEqual({ webhookUrl: `${hub.url}/webhook/3cx/call-event`, secretSet: false, certificate: 'own-ca', isLoopback: true }) // prettier-ignore
  await admin.ask('/api/admin/settings', 'PUT', { threecx: { webhookSecret: SECRET }, hub: { publicUrl: 'https://hub.example.ch' } }) // prettier-ignore
  await hub.restart({
    settings: { hub: { publicUrl: 'https://hub.example.ch' }, threecx: { webhookSecret: SECRET } },
  })
  const again = (await admin.ask(`https://127.0.0.1:${hub.port}/api/admin/3cx`)).json<Threecx>()
  expect(again).toMatchObject({ webhookUrl: 'https://hub.example.ch/webhook/3cx/call-event', secretSet: true, isLoopback: false }) // prettier-ignore
})

it('writes a well-formed CRM template for any address of the hub', () => {
  const xml = crmTemplate({ hubUrl: 'https://a.example/?x="<&>"', country: 'FR' })
  expect(xml).toContain('Default="https://a.example/?x=&quot;&lt;&amp;&gt;&quot;"')
  const open = [...xml.matchAll(/<([A-Za-z]+)(?:\s[^<>]*[^/<>])?>/g)].map(([, name]) => name).sort()
  const close = [...xml.matchAll(/<\/([A-Za-z]+)>/g)].map(([, name]) => name).sort()
  expect(open).toEqual(close)
})

/** Reads the template as the PBX does: parameters filled in, variables replaced, the values as one flat JSON object. */
function asThePbxWouldSend(xml: string) {
  const text = (raw: string) =>
    raw.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
  const filled = (raw: string) => {
    const value = text(raw)
    if (value.startsWith('Bearer ')) return `Bearer ${VARIABLES[value.slice('Bearer '.length)] ?? value}`
    const known = VARIABLES[value]
    if (known === undefined) throw new Error(`a variable that 3CX does not have: ${value}`)
    return known
  }
  const hubUrl = text(/Name="HubUrl"[^>]* Default="([^"]*)"/.exec(xml)?.[1] ?? '')
  const url = text(/<Request [^>]*Url="([^"]*)"/.exec(xml)?.[1] ?? '')
  const [headers = '', values = ''] = ['Headers', 'PostValues'].map(
    (name) => new RegExp(`<${name}[^>]*>([\\s\\S]*)</${name}>`).exec(xml)?.[1],
  )
  const pairs = (block: string) =>
    Object.fromEntries(
      [...block.matchAll(/<Value Key="([^"]+)"[^>]*>([^<]*)<\/Value>/g)].map(([, key = '', value = '']) => [
        key,
        filled(value),
      ]),
    )
  return {
    address: url.replace('[HubUrl]', hubUrl),
    headers: { ...pairs(headers), 'content-type': 'application/json' },
    body: JSON.stringify(pairs(values)),
  }
}
