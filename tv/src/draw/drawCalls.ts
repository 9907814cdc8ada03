import type { CallCard, CallsView, SpokenLine } from '../view/callsView.ts'
import { element, keyedList, setData, setShown, setText, type Drawn } from './element.ts'
import { createIcon } from './icons.ts'

/** Draws the active calls, one card each. */
export function drawCalls(document: Document): Drawn<CallsView> {
  const title = element(document, 'h2', 'section__title')
  const more = element(document, 'span', 'section__more')
  const head = element(document, 'header', 'section__head', [title, more])
  const cards = element(document, 'div', 'cards')
  const empty = element(document, 'p', 'empty')
  const section = element(document, 'main', 'calls', [head, cards, empty])
  const updateCards = keyedList<CallCard>(cards, () => drawCard(document))
  return {
    element: section,
    update(view) {
      setText(title, view.title)
      setText(more, view.more)
      setShown(more, view.more !== '')
      setText(empty, view.empty)
      setShown(empty, view.empty !== '')
      setShown(cards, view.empty === '')
      setData(cards, 'count', String(view.cards.length))
      updateCards(view.cards)
    },
  }
}

function drawCard(document: Document): Drawn<CallCard> {
  const agent = element(document, 'h3', 'card__agent')
  const phaseIcon = createIcon(document)
  const phaseLabel = element(document, 'span', '')
  const phase = element(document, 'span', 'card__phase')
  phase.append(phaseIcon.element, phaseLabel)
  const elapsed = element(document, 'span', 'card__elapsed')
  const direction = createIcon(document)
  const directionLabel = element(document, 'span', 'unseen')
  const caller = element(document, 'span', 'card__caller')
  const organization = element(document, 'span', 'card__organization')
  const recordingIcon = createIcon(document)
  const recordingLabel = element(document, 'span', '')
  const recording = element(document, 'span', 'card__recording')
  recording.append(recordingIcon.element, recordingLabel)
  const remote = element(document, 'p', 'card__remote')
  remote.append(direction.element, directionLabel, caller, organization)
  const state = element(document, 'span', 'card__state', [recording, phase])
  const head = element(document, 'header', 'card__head', [agent, state, elapsed, remote])
  const lines = element(document, 'ol', 'lines')
  const log = element(document, 'div', 'card__log', [lines])
  const hush = element(document, 'p', 'card__hush')
  const card = element(document, 'article', 'card', [head, log, hush])
  const updateLines = keyedList<SpokenLine>(lines, () => drawLine(document))
  return {
    element: card,
    update(view) {
      setData(card, 'phase', view.phase)
      setData(card, 'urgency', view.urgency)
      setText(agent, view.agent)
      phaseIcon.show(view.phase)
      setText(phaseLabel, view.phaseLabel)
      setText(elapsed, view.elapsed)
      direction.show(view.direction)
      setText(directionLabel, view.directionLabel)
      setText(caller, view.caller)
      setText(organization, view.organization)
      setShown(organization, view.organization !== '')
      recordingIcon.show(view.recording)
      setData(recording, 'recording', view.recording)
      setText(recordingLabel, view.recordingLabel)
      // The red dot shows the usual state; only an unusual state has words.
      recordingLabel.className = view.recording === 'recording' ? 'unseen' : ''
      setShown(recording, view.recordingLabel !== '')
      setText(hush, view.hush)
      setShown(hush, view.hush !== '')
      setShown(log, view.hush === '')
      updateLines(view.lines)
      // Older lines fade out at the top, but only when some do not fit.
      setData(log, 'full', lines.offsetHeight > log.clientHeight ? 'yes' : 'no')
    },
  }
}

function drawLine(document: Document): Drawn<SpokenLine> {
  const speaker = element(document, 'span', 'line__speaker')
  const text = element(document, 'span', 'line__text')
  const line = element(document, 'li', 'line', [speaker, text])
  return {
    element: line,
    update(view) {
      setData(line, 'who', view.who)
      setData(line, 'provisional', view.provisional ? 'yes' : 'no')
      setText(speaker, view.speaker)
      setText(text, view.text)
    },
  }
}
