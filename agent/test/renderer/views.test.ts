import { describe } from 'vitest'
import { describeEveryView } from './everyView.ts'

// Each language and each theme once: colours do not depend on words, nor widths on colours. The other pairs: views.long.ts.
describe('every view', () =>
  describeEveryView([
    ['fr', 'light'],
    ['en', 'dark'],
  ]))
