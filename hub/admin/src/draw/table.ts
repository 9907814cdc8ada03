import { h, type Child } from './element.ts'

export interface Column<Row> {
  readonly label: string
  /** The column holds buttons, and only screen readers announce its heading. */
  readonly isAction?: boolean
  cell(row: Row): Child
}

/** Returns a table that becomes a list of cards on a narrow screen; explicit roles keep it a table for screen readers. */
export function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): HTMLElement {
  return h(
    'table',
    { class: 'table', role: 'table' },
    h('caption', { class: 'unseen' }, caption),
    h(
      'thead',
      { role: 'rowgroup' },
      h(
        'tr',
        { role: 'row' },
        ...columns.map(({ label, isAction }) =>
          h(
            'th',
            { scope: 'col', role: 'columnheader' },
            isAction ? h('span', { class: 'unseen' }, label) : label,
          ),
        ),
      ),
    ),
    h(
      'tbody',
      { role: 'rowgroup' },
      ...rows.map((row) =>
        h(
          'tr',
          { role: 'row' },
          ...columns.map(({ label, isAction, cell }) =>
            h(
              'td',
              {
                role: 'cell',
                class: isAction ? 'table__actions' : undefined,
                'data-label': isAction ? undefined : label,
              },
              cell(row),
            ),
          ),
        ),
      ),
    ),
  )
}
