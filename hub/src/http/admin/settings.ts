import { Hono } from 'hono'
import { z } from 'zod'
import { leaves } from '../../settings/fields.ts'
import type { Log } from '../../observe/log.ts'
import type { SettingsStore } from '../../settings/readSettings.ts'
import { SettingsError } from '../../settings/settingsError.ts'
import type { Refusal, SettingsAnswer } from './messages.ts'
import type { HubEnv, Routes } from '../app.ts'
import { readJson } from '../readJson.ts'
import { overridden, settingViews } from './settingViews.ts'

/**
 * Returns the route `/api/admin/settings`: reads every setting with its source, and writes changes to the file.
 * Secrets go in and never out.
 */
export function settingsRoutes({ settings, log }: { settings: SettingsStore; log: Log }): Routes {
  const app = new Hono<HubEnv>()
  app.get('/api/admin/settings', async (c) => {
    try {
      const next = await settings.next()
      return c.json({
        fields: [...settingViews(settings.current, next)],
        unknownKeys: [...next.unknownKeys],
        withoutEffect: [...settings.withoutEffect],
      } satisfies SettingsAnswer)
    } catch (error) {
      if (error instanceof SettingsError) return c.json(refusalOf(error), 409) // broken by hand since the start
      throw error
    }
  })
  app.put('/api/admin/settings', async (c) => {
    try {
      const changes = z.record(z.string(), z.unknown()).parse(await readJson(c))
      const locked = overridden(changes, await settings.next())
      if (locked.length > 0)
        return c.json(
          {
            error: 'wrong-setting',
            message: locked
              .map(([key, name]) => `${key} is set by the environment variable ${name}: change it there.`)
              .join('\n'),
            faults: locked.map(([key, name]) => ({ key, code: 'environment', message: name })),
          } satisfies Refusal,
          400,
        )
      await settings.save(changes)
      log.info({ keys: leaves(changes) }, 'admin.settings-saved')
      return c.json({
        saved: true,
        message: 'Settings of agents count at once, the rest from the next start of the hub.',
      })
    } catch (error) {
      if (error instanceof SettingsError) return c.json(refusalOf(error), 400)
      if (error instanceof z.ZodError)
        return c.json({ error: 'broken-request', message: 'The body is no JSON object of settings.' }, 400)
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
      if (code === undefined) throw error
      log.error({ code }, 'settings.not-saved')
      const message = `The settings file cannot be written (${code}): free space, or give the hub's user the right to write it. Nothing was changed.`
      return c.json({ error: 'not-saved', message }, 507)
    }
  })
  return app
}

function refusalOf({ message, faults }: SettingsError): Refusal {
  return { error: 'wrong-setting', message, faults: [...faults] }
}
