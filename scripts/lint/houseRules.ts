import type { ESLint, Linter } from 'eslint'
import { words } from './words.ts'

/** The house's own rules as a plugin of ESLint. */
const house: ESLint.Plugin = { meta: { name: 'house' }, rules: { words } }

const SOURCES = '**/*.{ts,tsx,mjs,cjs,js}'
/** Only tests, their builders and what a program wrote may be longer. */
const LENGTH_EXCEPTED = ['**/test/**', '**/testing/**', '**/generated/**', '**/*.d.ts']

/** Returns the words and lengths as ESLint configuration for the whole tree. */
export function houseRules(): Linter.Config[] {
  const files = [SOURCES]
  const lengths = { skipBlankLines: false, skipComments: false }
  return [
    { files, plugins: { house }, rules: { 'house/words': 'error' } },
    {
      files,
      ignores: LENGTH_EXCEPTED,
      rules: {
        'max-lines': ['error', { max: 300, ...lengths }],
        'max-lines-per-function': ['error', { max: 80, IIFEs: true, ...lengths }],
      },
    },
  ]
}
