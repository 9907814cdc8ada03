import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkOut, lendBuilt, removeCheckout } from '../../../scripts/bench/compare/checkout.ts'
import { root } from '../../../scripts/site/siteState.ts'
import { openCompany, type Company } from './company.ts'
import { harmOf, rowOf, TABLE_HEAD } from './judge.ts'
import { kinds } from './kinds.ts'
import { runKind, type Figures } from './runKind.ts'

/** The last commit without the repairs: it speaks the same protocol, and each attack must still hurt it. HOSTILE_OLD names another; 'none' leaves it out. */
const OLD = process.env['HOSTILE_OLD'] ?? 'bdd965a'
const seconds = Number(process.env['HOSTILE_SECONDS'] ?? 60)
const seed = Number(process.env['HOSTILE_SEED'] ?? Date.now() % 1_000_000)
/** HOSTILE_ONLY=part of a name runs those kinds alone. */
const chosen = kinds.filter(({ name }) => name.includes(process.env['HOSTILE_ONLY'] ?? ''))

describe(`one hostile client beside ${seconds} s of honest ones, seed ${seed}`, () => {
  const cleanUps: (() => Promise<unknown>)[] = []
  const rows: string[] = []
  let now: { readonly company: Company; readonly quiet: Figures }
  let old: typeof now | undefined

  const open = async (name: string, tree: string) => {
    const folder = await mkdtemp(path.join(tmpdir(), `3cx-ninja-hostile-${name}-`))
    cleanUps.unshift(() => rm(folder, { recursive: true, force: true }))
    const company = await openCompany(folder, tree)
    cleanUps.unshift(() => company.stop())
    const quiet = await runKind(company, undefined, { seed, seconds: Math.min(seconds, 20) })
    rows.push(rowOf(`none (${name})`, quiet, []))
    return { company, quiet }
  }

  beforeAll(async () => {
    now = await open('this tree', root)
    if (OLD === 'none') return
    const tree = await mkdtemp(path.join(tmpdir(), '3cx-ninja-hostile-tree-'))
    await rm(tree, { recursive: true })
    await checkOut(root, OLD, tree)
    cleanUps.push(() => removeCheckout(root, tree))
    await lendBuilt(root, tree)
    old = await open(OLD, tree)
  }, 600_000)

  afterAll(async () => {
    console.log([...TABLE_HEAD, ...rows].join('\n'))
    for (const cleanUp of cleanUps) await cleanUp()
  })

  it.for(chosen)('$name ($role) hurts no honest client', async (kind, { annotate }) => {
    const figures = await runKind(now.company, kind, { seed, seconds })
    const harm = harmOf(figures, now.quiet)
    rows.push(rowOf(`${kind.name} (${kind.role})`, figures, harm))
    if (old) {
      const before = await runKind(old.company, kind, { seed, seconds })
      const harmBefore = harmOf(before, old.quiet)
      rows.push(rowOf(`↳ ${OLD}`, before, harmBefore))
      if (harmBefore.length === 0) await annotate(`${OLD} is not hurt either: this kind proves nothing`)
    }
    expect(harm).toEqual([])
  })
})
