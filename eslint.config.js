import globals from 'globals'
import tseslint from 'typescript-eslint'
import { houseRules } from './scripts/lint/houseRules.ts'

/** Clock, random, timers and environment come in from outside; only these files use the real ones. */
const realEdges = [
  '**/main.ts',
  '**/start.ts',
  '**/app.ts',
  '**/settings.ts',
  '**/clock.ts',
  '**/systemClock.ts',
  'hub/src/database/migrate.ts',
  '**/*Thread.ts',
  // the engines: real sockets are cut, and real children get the environment, as the machine has them
  'hub/src/server/{upgrade,wsEngine,wsSocket}.ts',
  'worker/src/engines/whisperProcess.ts',
  'scripts/**',
  'test/**',
  '**/test/**',
  '**/testing/**',
  '*.config.ts',
]

export default tseslint.config(
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
  // No comment switches a rule off: what a file may do stands here, in one place.
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
      globals: { ...globals.node },
    },
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // our objects are records of functions made by createX: none of them knows `this`
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-restricted-globals': [
        'error',
        { name: 'setTimeout', message: 'Take a Clock (protocol/src/clock.ts) from outside.' },
        { name: 'setInterval', message: 'Take a Clock (protocol/src/clock.ts) from outside.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take a Clock from outside.' },
        { object: 'Math', property: 'random', message: 'Take a random source from outside.' },
        { object: 'process', property: 'env', message: 'Settings are parsed once, in settings.ts.' },
      ],
    },
  },
  {
    files: realEdges,
    rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/test/**', '**/testing/**', '**/*.config.ts', 'scripts/**'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
  // The words of scripts/glossary.json, and the lengths of files and functions.
  ...houseRules(),
)
