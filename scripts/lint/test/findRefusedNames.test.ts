import { expect, it } from 'vitest'
import { findRefusedNames } from '../findRefusedNames.ts'

const noText = () => ''

it('refuses a banned word in the name of a file that ESLint does not read, and in its folders', () => {
  expect(findRefusedNames('agent/src/shelf/wish.css', noText)).toHaveLength(2)
  expect(findRefusedNames('agent/src/draft/card.css', noText)).toEqual([])
})

it('refuses a banned word in the keys and kinds of golden examples, and in the keys of texts', () => {
  const read = () => '[{ "kind": "told", "toldAtMs": 1, "name": "who was told", "what was told": 1 }]'
  expect(findRefusedNames('protocol/contract/hubToAgent.json', read)).toHaveLength(2)
  expect(findRefusedNames('agent/src/renderer/i18n/fr.json', () => '{"a":{"wish":"place"}}')).toHaveLength(1)
  expect(findRefusedNames('resources/models/model.json', read)).toEqual([])
})
