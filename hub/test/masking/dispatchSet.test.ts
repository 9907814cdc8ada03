import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { Said } from '../../src/masking/conversation.ts'
import { maskConversation } from '../../src/masking/maskSecrets.ts'

const FOLDER = new URL('../../../test/dispatch-set/', import.meta.url)

it('[A1] masks of the dispatch set exactly the dictated password of call 06, on both channels, case 06', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
  expect(files).toHaveLength(40)
  const changed = files.flatMap((name) => {
    const { utterances } = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as { utterances: Said[] }
    const masked = maskConversation(utterances)
    return utterances.flatMap(({ channel, text }, index) =>
      masked[index] === text ? [] : [`${name} ${channel}: ${masked[index]}`],
    )
  })
  expect(changed).toEqual([
    '06.json agent: •••. Il va vous demander d’en choisir un nouveau.'.replace('’', "'"),
    '06.json caller: •••... Ah, oui, il me demande le nouveau. Douze caractères, toujours autant de bazar. Voilà.',
  ])
})
