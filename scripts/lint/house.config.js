import tseslint from 'typescript-eslint'
import { houseRules } from './houseRules.ts'

// The house rules alone, on the whole tree: `npm run lint:house` (a minute faster than all rules together).
export default [
  {
    ignores: [
      'node_modules/**',
      'build/**',
      '**/node_modules/**',
      'test/artifacts/**',
      'data/**',
      '.cache/**',
    ],
  },
  {
    files: ['**/*.{ts,tsx,mjs,cjs,js}'],
    languageOptions: { parser: tseslint.parser, parserOptions: { ecmaFeatures: { jsx: true } } },
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' },
  },
  ...houseRules(),
]
