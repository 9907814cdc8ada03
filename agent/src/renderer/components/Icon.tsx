/** Each icon is a line drawing on a grid of 24, in the color of the text. */
const PATHS = {
  phone:
    'M5 4h3.5l1.8 4.6-2.2 1.5a12 12 0 0 0 5.8 5.8l1.5-2.2L20 15.500V19a1.600 1.600 0 0 1-1.700 1.600A15.500 15.500 0 0 1 3.400 5.700 1.600 1.600 0 0 1 5 4z',
  history: 'M4.500 12a7.500 7.500 0 1 0 2.300-5.400L4.500 9M4.500 4.500V9H9M12 8v4.300l2.800 1.700',
  settings: 'M4 7h9M17.500 7H20M4 17h2.500M11 17h9M15.250 4.750v4.500M8.750 14.750v4.500',
  diagnosis: 'M3.500 12.500H8l2.200-6.500 3.600 12 2.200-5.500h4.500',
  pause: 'M8.500 5.500v13M15.500 5.500v13',
  play: 'M8 5.200v13.600L18.800 12z',
  stop: 'M7 7h10v10H7z',
  mark: 'M7 4h10v16l-5-4-5 4z',
  ban: 'M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM6 6l12 12',
  lock: 'M6.500 11h11v8.500h-11zM8.700 11V8a3.300 3.300 0 0 1 6.600 0v3',
  search: 'M10.800 4.500a6.300 6.300 0 1 0 0 12.600 6.300 6.300 0 0 0 0-12.600zM15.500 15.500 20 20',
  check: 'm5 12.500 4.500 4.500L19 7.500',
  cross: 'm6.500 6.500 11 11M17.500 6.500l-11 11',
  alert: 'M12 4 2.800 19.500h18.400zM12 10v4.200M12 17v.1',
  away: 'M4 4l16 16M8.500 13.700a5 5 0 0 1 2.600-1.300M15.600 13.700l-.6-.5M5.300 10.400A9.600 9.600 0 0 1 8.700 8.300M12.300 7.600a9.600 9.600 0 0 1 6.400 2.800M12 18v.1',
  copy: 'M9 9h10.500v10.500H9zM15 9V4.500H4.500V15H9',
  chevron: 'm9 5.500 6.500 6.500L9 18.500',
  back: 'M15 5.500 8.500 12l6.500 6.500',
  down: 'M12 5v14M6 13l6 6 6-6',
  keyboard:
    'M3.500 6.500h17v11h-17zM7 10.200v.1M10.300 10.200v.1M13.700 10.200v.1M17 10.200v.1M7 13.800v.1M17 13.800v.1M10 13.800h4',
  external: 'M13.500 4.500h6v6M19.500 4.500 11 13M17 14v5.500H4.500V7H10',
  again: 'M19.500 12a7.500 7.500 0 1 1-2.300-5.400L19.500 9M19.500 4.500V9H15',
  mic: 'M12 3.500a2.800 2.800 0 0 1 2.800 2.800v5a2.800 2.800 0 0 1-5.600 0v-5A2.800 2.800 0 0 1 12 3.500zM5.800 11.300a6.200 6.200 0 0 0 12.400 0M12 17.500v3',
  inbound: 'M18.500 5.500 6 18M6 8.500V18h9.500',
  outbound: 'M5.500 18.500 18 6M18 15.500V6H8.500',
  internal: 'M4.500 8.500h13l-3.500-3.500M19.500 15.500h-13l3.500 3.500',
  person:
    'M12 4.200a3.600 3.600 0 1 0 0 7.200 3.600 3.600 0 0 0 0-7.200zM4.800 20a7.200 7.200 0 0 1 14.400 0',
  building:
    'M5.500 20.500v-17h9v17M14.500 9.500h4v11M3.500 20.500h17M8.500 7.500h3M8.500 11.500h3M8.500 15.500h3',
  device: 'M3.500 5h17v11h-17zM9 20h6M12 16v4',
  callback:
    'M5 4h3.500l1.800 4.600-2.200 1.500a12 12 0 0 0 5.800 5.800l1.500-2.200L20 15.500V19a1.600 1.600 0 0 1-1.700 1.600A15.500 15.500 0 0 1 3.400 5.700 1.600 1.600 0 0 1 5 4zM20 4l-5.500 5.500M14.500 5v4.500H19',
  tried: 'M14.500 6.500a4 4 0 0 0-5 5L4 17l3 3 5.500-5.500a4 4 0 0 0 5-5L15 12l-3-3z',
  plus: 'M12 5v14M5 12h14',
  undo: 'M8.500 5 4 9.500 8.500 14M4 9.500h10.500a5.500 5.500 0 0 1 0 11H9',
  ticket: 'M3.500 6.500h17v4a1.800 1.800 0 0 0 0 3.500v3.500h-17V14a1.800 1.800 0 0 0 0-3.500zM14 6.500v11',
  hold: 'M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM9.800 9v6M14.200 9v6',
} as const
export type IconName = keyof typeof PATHS

/** Draws a decorative icon, hidden from screen readers: the words beside it carry the meaning. */
export function Icon({ name, filled = false }: { readonly name: IconName; readonly filled?: boolean }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 24 24"
      width="1.25em"
      height="1.25em"
      fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
