import './meter.css'
import { loudness } from './loudness.ts'

export function Meter(props: {
  readonly side: 'agent' | 'caller'
  readonly label: string
  /** Share of full scale, 0 to 1. */
  readonly level: number
  readonly alarm: boolean
  readonly valueText: string
}) {
  const share = loudness(props.level)
  return (
    <div className="meter" data-side={props.side} data-alarm={props.alarm}>
      <span className="meter__label">{props.label}</span>
      <div
        className="meter__track"
        role="meter"
        aria-label={props.label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={props.valueText}
      >
        <div className="meter__fill" style={{ transform: `scaleX(${share.toFixed(3)})` }} />
      </div>
    </div>
  )
}
