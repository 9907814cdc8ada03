import { describe } from 'vitest'
import { describeEveryView } from './everyView.ts'

// Each language and each theme is drawn once: colors do not depend on words, nor widths on colors. views.long.ts draws the other pairs.
describe('every view', () =>
  describeEveryView([
    ['fr', 'light'],
    ['en', 'dark'],
  ]))
