import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import {
  ENVIRONMENT as AGENT_ENVIRONMENT,
  openSettings,
  settingsSchema,
} from '../../../agent/src/main/process/settings.ts'
import { arePagesCurrent, settingsPage } from '../../../scripts/settings-table.ts'
import { ENVIRONMENT, WITHOUT_EFFECT } from '../../src/settings/environment.ts'
import { settingFields } from '../../src/settings/fields.ts'

/** Agent settings that an environment variable sets. */
const AGENT_VARIABLES: Readonly<Record<string, string>> = AGENT_ENVIRONMENT

it('the settings page is current; else run npm run docs:settings', async () => {
  expect(await arePagesCurrent()).toBe(true)
})

it('the settings page lists every setting of the hub with its default and its variables', async () => {
  const page = await settingsPage()
  for (const { key } of settingFields()) expect(page).toContain(`| \`${key}\` `)
  for (const { name } of Object.values(ENVIRONMENT).flat()) expect(page).toContain(`\`${name}\``)
  for (const name of Object.keys(WITHOUT_EFFECT)) expect(page).toContain(`| \`${name}\` `)
  expect(page).toMatch(/`tickets\.countdownSeconds` +\| 5 to 120 +\| `15` /)
  expect(page).toMatch(/`tickets\.parkAfterSeconds` .*`DRAFT_EXPIRATION_MINUTES` \(minutes\)/)
  expect(page).toMatch(
    /`ninjaone\.clientSecret` .*`NINJA_CLIENT_SECRET`, `NINJAONE_CLIENT_SECRET` .*\*\*Secret\*\*/,
  )
})

it('the settings page names the variables that the agent reads, and no others', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-settings-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const values: Record<string, string> = { hub: 'https://hub.example', email: 'a@b.example', language: 'fr', locale: 'en', theme: 'dark', startWithSystem: 'no' } // prettier-ignore
  for (const key of Object.keys(settingsSchema.shape)) {
    const environment = { [AGENT_VARIABLES[key] ?? `NINJA_AGENT_${key.toUpperCase()}`]: values[key] ?? '7' }
    const settings = await openSettings({ path: path.join(folder, 'settings.json'), environment })
    expect([key, settings.origin(key as keyof typeof settingsSchema.shape)]).toEqual([key, key in AGENT_VARIABLES ? 'environment' : 'default']) // prettier-ignore
  }
})
