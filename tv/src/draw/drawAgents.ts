import type { AgentRow, AgentsView } from '../view/agentsView.ts'
import { element, keyedList, setData, setShown, setText, type Drawn } from './element.ts'
import { createIcon } from './icons.ts'

/** Draws the technicians with their states. */
export function drawAgents(document: Document): Drawn<AgentsView> {
  const title = element(document, 'h2', 'section__title')
  const more = element(document, 'span', 'section__more')
  const list = element(document, 'ul', 'agents__list')
  const empty = element(document, 'p', 'empty')
  const section = element(document, 'section', 'agents', [
    element(document, 'header', 'section__head', [title, more]),
    list,
    empty,
  ])
  const updateRows = keyedList<AgentRow>(list, () => drawAgent(document))
  return {
    element: section,
    update(view) {
      setData(section, 'layout', view.layout)
      setText(title, view.title)
      setText(more, view.more)
      setShown(more, view.more !== '')
      setText(empty, view.empty)
      setShown(empty, view.empty !== '')
      updateRows(view.rows)
    },
  }
}

function drawAgent(document: Document): Drawn<AgentRow> {
  const icon = createIcon(document)
  const name = element(document, 'span', 'agent__name')
  const state = element(document, 'span', 'agent__state')
  const since = element(document, 'span', 'agent__since')
  const row = element(document, 'li', 'agent')
  row.append(icon.element, name, state, since)
  return {
    element: row,
    update(view) {
      setData(row, 'state', view.state)
      setData(row, 'late', view.late ? 'yes' : 'no')
      icon.show(view.state)
      setText(name, view.name)
      setText(state, view.stateLabel)
      setText(since, view.since)
    },
  }
}
