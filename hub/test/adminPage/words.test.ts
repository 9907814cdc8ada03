import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'
import { en } from '../../admin/src/texts/en.ts'
import { fr } from '../../admin/src/texts/fr.ts'
import { settingsEn } from '../../admin/src/texts/settingsEn.ts'
import { settingsFr } from '../../admin/src/texts/settingsFr.ts'
import { chooseLanguage, createTexts } from '../../admin/src/texts/texts.ts'
import { settingFields } from '../../src/settings/fields.ts'
import { settingViews } from '../../src/http/admin/settingViews.ts'
import { hubSettings } from '../../src/settings/schema.ts'

const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()

it('has the same keys and the same placeholders in both languages, and no empty text', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(fr).sort())
  for (const [key, text] of Object.entries(fr)) {
    expect(names(en[key as keyof typeof fr]), key).toEqual(names(text))
    expect(text.length * en[key as keyof typeof fr].length, key).toBeGreaterThan(0)
  }
})

it('has texts in both languages for every setting of the hub, and for each of its choices', () => {
  const keys = settingFields().map(({ key }) => key).filter((key) => key !== 'version') // prettier-ignore
  expect(Object.keys(settingsFr).sort(), 'hub/admin/src/texts/settingsFr.ts').toEqual([...keys].sort())
  expect(Object.keys(settingsEn).sort(), 'hub/admin/src/texts/settingsEn.ts').toEqual([...keys].sort())
  const current = hubSettings.parse({})
  for (const { key, shape } of settingViews(current, { current, sources: new Map(), unknownKeys: [] }))
    for (const option of shape.kind === 'choice' ? shape.options : [])
      expect(Object.keys(fr), 'hub/admin/src/texts/frForms.ts').toContain(`choice.${key}.${option}`)
})

it('follows French typography in French texts: no straight apostrophe, a space before : ; ? !', () => {
  const all = [...Object.values(fr), ...Object.values(settingsFr).flatMap(({ label, help }) => [label, help])]
  for (const text of all) {
    expect(text).not.toMatch(/[a-zà-ÿ]'[a-zà-ÿ]/i)
    expect(text.replace(/\w+:\/\/\S+|Authorization: Bearer/g, '')).not.toMatch(/[^\s][;?!]|[^\s]:(\s|$)/)
  }
})

it('uses every text of the admin page', async () => {
  const folder = path.resolve(import.meta.dirname, '../../admin/src')
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts') && (!name.startsWith('texts') || name.endsWith('texts.ts'))) // prettier-ignore
  const source = (await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')))).join('\n') // prettier-ignore
  const made = [...source.matchAll(/`([\w.-]+?)\$\{/g)].map(([, start = '']) => start).filter((start) => start.includes('.')) // prettier-ignore
  for (const key of Object.keys(fr)) {
    const base = key.replace(/\.(one|other)$/, '')
    const isUsed = source.includes(`'${base}'`) || made.some((start) => key.startsWith(start))
    expect(isUsed, key).toBe(true)
  }
})

it('chooses the first supported language of the list, and French when there is none', () => {
  expect(chooseLanguage([null, undefined, 'de-DE', 'en-US', 'fr'])).toBe('en')
  expect(chooseLanguage([null, 'fr-CA', 'en'])).toBe('fr')
  expect(chooseLanguage(['it', 'xx'])).toBe('fr')
})

it('formats sizes, durations and moments by the rules of the language', () => {
  const french = createTexts('fr')
  const plain = (text: string) => text.replace(/[\u00A0\u202F]/g, ' ')
  expect(plain(french.bytes(12_345_678_901))).toBe('12,3 Go')
  expect(plain(french.bytes(45_600_000))).toBe('46 Mo')
  expect(plain(french.lasting(3 * 86_400_000 + 4 * 3_600_000))).toBe('3 j 4 h')
  expect(plain(french.plural('overview.attention', 1))).toBe('Un point demande votre attention')
  expect(plain(french.plural('outbox.attempts', 12))).toBe('12 essais')
  const nowMs = Date.UTC(2026, 10, 21)
  expect(french.relative(nowMs - 5_000, nowMs)).toBe('à l’instant')
  expect(french.relative(nowMs - 3_600_000, nowMs)).toBe('il y a 1 heure')
  expect(createTexts('en').relative(nowMs + 6 * 86_400_000, nowMs)).toBe('in 6 days')
})
