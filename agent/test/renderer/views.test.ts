import { describe } from 'vitest'
import { describeEveryView } from './everyView.ts'

// Each language and each theme once: colors do not depend on words, nor widths on colors. The other pairs: views.long.ts.
describe('every view', () =>
  describeEveryView([
    ['fr', 'light'],
    ['en', 'dark'],
  ]))
