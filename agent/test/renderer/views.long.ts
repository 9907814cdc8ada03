import { describe } from 'vitest'
import { describeEveryView } from './everyView.ts'

describe('every view, in the pairs of language and theme that the short tests leave out', () =>
  describeEveryView([
    ['fr', 'dark'],
    ['en', 'light'],
  ]))
