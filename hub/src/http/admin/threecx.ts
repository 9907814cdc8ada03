import { Hono } from 'hono'
import type { SettingsStore } from '../../settings/readSettings.ts'
import type { Calls } from '../../calls/calls.ts'
import type { WebhookHistory } from '../../threecx/webhookHistory.ts'
import type { Threecx } from './messages.ts'
import type { WebhooksView } from './threecxMessages.ts'
import type { HubEnv, Routes } from '../app.ts'
import { crmTemplate } from './crmTemplate.ts'

/** Returns the routes that show what a PBX must be given of the hub, and the CRM template that contains it. */
export function threecxRoutes({
  settings,
  publicUrl,
  webhooks,
  calls,
}: {
  settings: SettingsStore
  publicUrl: () => string
  webhooks: Pick<WebhookHistory, 'list'>
  calls: Pick<Calls, 'pbxClock'>
}): Routes {
  const app = new Hono<HubEnv>()
  app.get('/api/admin/3cx', async (c) => {
    const url = publicUrl()
    const next = await settings.next()
    return c.json({
      webhookUrl: `${url}/webhook/3cx/call-event`,
      secretSet: next.current.threecx.webhookSecret !== undefined,
      certificate: settings.current.tls.mode,
      isLoopback: /^https?:\/\/(localhost|127\.|\[::1\])/.test(url),
    } satisfies Threecx)
  })
  app.get('/api/admin/3cx/webhooks', (c) =>
    c.json({ clock: calls.pbxClock(), webhooks: [...webhooks.list()] } satisfies WebhooksView),
  )
  app.get('/api/admin/3cx/template.xml', (c) =>
    c.body(crmTemplate({ hubUrl: publicUrl(), country: settings.current.country }), 200, {
      'content-type': 'application/xml; charset=utf-8',
      'content-disposition': 'attachment; filename="3cx-ninja-crm-template.xml"',
      'cache-control': 'no-store',
    }),
  )
  return app
}
