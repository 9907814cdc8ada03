const NS = 'http://www.w3.org/2000/svg'

/** Strokes of 24 × 24 icons, drawn for this page. */
const PATHS = {
  overview: 'M4 13h4l2.5-7 4 13 2.5-6h3',
  keys: 'M8 11.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm3-1.2L19 2.8m-3.6 3.4 3 3m-6-.4 2 2',
  clients:
    'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-6 8c0-3 2.7-5 6-5s6 2 6 5M16 11a2.5 2.5 0 1 0-1-4.8M17 14.2c2.4.5 4 2.2 4 4.8',
  settings: 'M4 7h9m4 0h3M4 17h3m4 0h9M15 5v4M9 15v4',
  helpdesk: 'M5 6.5h14v11H5zM5 10h14M9 14h3',
  threecx: 'M7 4h3l1.5 4-2 1.5a11 11 0 0 0 5 5l1.5-2 4 1.5v3a2 2 0 0 1-2 2A15 15 0 0 1 5 6a2 2 0 0 1 2-2Z',
  outbox: 'M4 13v5h16v-5M4 13l3-8h10l3 8M4 13h5l1 2h4l1-2h5M12 11V7m-2 2 2-2 2 2',
  ok: 'M5 12.5l4.5 4.5L19 7.5',
  warn: 'M12 4 2.8 19.5h18.4L12 4Zm0 6v4.5m0 2.4v.1',
  bad: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM9 9l6 6m0-6-6 6',
  info: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 11v5.5m0-9v.1',
  search: 'M10.8 4.5a6.3 6.3 0 1 0 0 12.6 6.3 6.3 0 0 0 0-12.6ZM15.5 15.5 20 20',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  todo: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z',
} as const
export type IconName = keyof typeof PATHS

/** Returns an icon hidden from screen readers: it always stands next to words of the same meaning. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(NS, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', `icon icon--${name}`)
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(NS, 'path')
  path.setAttribute('d', PATHS[name])
  svg.append(path)
  return svg
}
