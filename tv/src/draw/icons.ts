const SVG = 'http://www.w3.org/2000/svg'

/** Icons on a 24 × 24 grid; each state has its own shape, so that color never stands alone. */
const SHAPES = {
  ringing: 'M12 3a6 6 0 0 0-6 6v4l-2 4h16l-2-4V9a6 6 0 0 0-6-6ZM9.5 19a2.6 2.6 0 0 0 5 0Z',
  talking: 'M4 10v4M8 7v10M12 4v16M16 8v8M20 10.5v3',
  held: 'M8 5v14M16 5v14',
  'wrap-up': 'M4 20h4L19 9l-4-4L4 16ZM13 7l4 4',
  done: 'M5 12.5l5 5L19.5 7',
  missed: 'M5 5l14 14M19 5L5 19',
  available: 'M12 5a7 7 0 1 0 0 14a7 7 0 1 0 0-14Z',
  offline: 'M6 12h12',
  inbound: 'M18 6L7 17M7 8.5V17h8.5',
  outbound: 'M6 18L17 7M8.5 7H17v8.5',
  internal: 'M4 9h14l-4-4M20 15H6l4 4',
  unknown: 'M5 12h14',
  recording: 'M12 7a5 5 0 1 0 0 10a5 5 0 1 0 0-10Z',
  paused: 'M9 7v10M15 7v10',
  refused: 'M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16ZM6.5 17.5l11-11',
  erased: 'M6 6l12 12M18 6L6 18',
  none: '',
  complete: '',
  HIGH: 'M12 19V5M6 11l6-6l6 6',
  alarm: 'M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17v.1',
  MEDIUM: 'M5 9h14M5 15h14',
  LOW: 'M12 5v14M6 13l6 6l6-6',
  NONE: '',
} as const
export type IconName = keyof typeof SHAPES
/** Filled shapes; all others are strokes. */
const FILLED: ReadonlySet<IconName> = new Set(['recording', 'ringing'])

export interface Icon {
  readonly element: SVGSVGElement
  show(name: IconName): void
}

/** Returns one icon that can change; it is decoration only: text or an aria-label next to it carries the meaning. */
export function createIcon(document: Document): Icon {
  const svg = document.createElementNS(SVG, 'svg')
  const path = document.createElementNS(SVG, 'path')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  svg.append(path)
  let shown: IconName | undefined
  return {
    element: svg,
    show(name) {
      if (name === shown) return
      shown = name
      path.setAttribute('d', SHAPES[name])
      svg.dataset['fill'] = FILLED.has(name) ? 'yes' : 'no'
    },
  }
}
