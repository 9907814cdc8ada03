import './ring.css'

const RADIUS = 24
const CIRCUMFERENCE = 2 * Math.PI * RADIUS
const LAST_SECONDS = 5

/** Draws the remaining time as a ring that empties, with the seconds inside. */
export function Ring({
  leftMs,
  totalMs,
  label,
}: {
  readonly leftMs: number
  readonly totalMs: number
  readonly label: string
}) {
  const seconds = Math.ceil(leftMs / 1_000)
  const share = totalMs > 0 ? Math.min(1, leftMs / totalMs) : 0
  return (
    <div
      className="ring"
      role="timer"
      aria-label={label}
      data-tone={seconds <= LAST_SECONDS ? 'last' : 'calm'}
    >
      <svg viewBox="0 0 56 56" aria-hidden="true">
        <circle className="ring__way" cx="28" cy="28" r={RADIUS} fill="none" strokeWidth="4" />
        <circle
          className="ring__left"
          cx="28"
          cy="28"
          r={RADIUS}
          fill="none"
          strokeWidth="4"
          strokeDasharray={CIRCUMFERENCE}
          strokeDashoffset={CIRCUMFERENCE * (1 - share)}
        />
      </svg>
      <span className="ring__count">{seconds}</span>
    </div>
  )
}
