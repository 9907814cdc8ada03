import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const RENDERER = path.resolve(import.meta.dirname, '../../src/renderer')
const sheets = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.css') && name !== 'tokens.css')
  .map((name) => ({ name, text: readFileSync(path.join(RENDERER, name), 'utf8') }))

it('takes every color of the window from its tokens, so that light, dark and high contrast stay whole', () => {
  expect(sheets.length).toBeGreaterThan(20)
  for (const { name, text } of sheets)
    expect(text.match(/#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|light-dark)\(/gi) ?? [], name).toEqual([])
})

it('defines every token that a stylesheet uses', () => {
  const tokens = readFileSync(path.join(RENDERER, 'tokens.css'), 'utf8')
  for (const { name, text } of sheets)
    for (const [, token = ''] of text.matchAll(/var\((--[\w-]+)\)/g))
      expect(tokens.includes(`${token}:`) || text.includes(`${token}:`), `${name}: ${token}`).toBe(true)
})
