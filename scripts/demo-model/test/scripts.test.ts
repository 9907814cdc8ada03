import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'

const folder = path.resolve(import.meta.dirname, '..')
const scripts = readdirSync(folder).filter((name) => name.endsWith('.py'))
const hasPython = spawnSync('python3', ['--version']).status === 0
const words = z.array(z.string().min(1)).min(1)
const grammar = z
  .object({
    words: z.record(z.string(), words),
    slots: z.record(z.string(), z.union([z.string().startsWith('@'), words])),
    templates: words,
  })
  .parse(JSON.parse(readFileSync(path.join(folder, 'grammar.json'), 'utf8')))

test.runIf(hasPython)('the scripts that make the demonstration model are valid Python', () => {
  const parse = 'import ast, sys\nfor name in sys.argv[1:]: ast.parse(open(name, encoding="utf-8").read(), name)'
  execFileSync('python3', ['-c', parse, ...scripts], { cwd: folder, stdio: 'pipe' })
})

test('each script of the demonstration model states its purpose, and no module shadows one that torch needs', () => {
  for (const name of scripts)
    expect(readFileSync(path.join(folder, name), 'utf8').startsWith('"""'), name).toBe(true)
  const taken = ['numbers.py', 'random.py', 'wave.py', 'queue.py', 'token.py', 'types.py']
  expect(scripts.filter((name) => taken.includes(name))).toEqual([])
})

test('every slot of a template has words, and every slot in those words exists', () => {
  const texts = [...grammar.templates, ...Object.values(grammar.slots).flatMap((slot) => slot)]
  const asked = new Set(texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')))
  expect([...asked].filter((name) => !(name in grammar.slots))).toEqual([])
  expect(grammar.templates).toHaveLength(216)
})

test.runIf(hasPython)('the same seed generates the same sentences, none of them from a demonstration call', () => {
  const program = [
    'import random, sentences',
    'r = random.Random(7)',
    'said = [sentences.sentence(r) for _ in range(200)]',
    'assert not set(said) & sentences.CALL_TEXTS',
    'print(said[0], said[199], sep="\\n")',
  ].join('\n')
  const run = () =>
    execFileSync('python3', ['-c', program], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    })
  const first = run()
  expect(first.split('\n')[0]?.length).toBeGreaterThan(5)
  expect(run()).toBe(first)
})
