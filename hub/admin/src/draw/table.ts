import { h, type Child } from './element.ts'

export interface Column<Row> {
  readonly label: string
  /** The column holds buttons: its heading is for screen readers only. */
  readonly isAction?: boolean
  cell(row: Row): Child
}

/** A table that becomes a list of cards where it is narrow; the roles stay spoken, whatever the style makes of it. */
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
