import type { FigureView } from '../view/figuresView.ts'
import { element, keyedList, setData, setText, type Drawn } from './element.ts'

/** Draws the row of large numbers. */
export function drawFigures(document: Document): Drawn<readonly FigureView[]> {
  const list = element(document, 'dl', 'figures')
  return { element: list, update: keyedList(list, () => drawFigure(document)) }
}

function drawFigure(document: Document): Drawn<FigureView> {
  const value = element(document, 'dd', 'figure__value')
  const label = element(document, 'dt', 'figure__label')
  const figure = element(document, 'div', 'figure', [label, value])
  return {
    element: figure,
    update(view) {
      setData(figure, 'figure', view.key)
      setData(figure, 'tone', view.tone)
      setText(value, view.value)
      setText(label, view.label)
    },
  }
}
