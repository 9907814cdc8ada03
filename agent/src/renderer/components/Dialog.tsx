import { useEffect, useId, useRef, type ReactNode } from 'react'
import './dialog.css'

/** Draws a modal question; the browser keeps the focus inside and returns it afterwards. Escape cancels. */
export function Dialog(props: {
  readonly title: string
  readonly text: string
  /** 'wide' gives room for a table. */
  readonly variant?: 'question' | 'wide'
  readonly onCancel: () => void
  readonly buttons: ReactNode
  readonly children?: ReactNode
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={`dialog dialog--${props.variant ?? 'question'}`}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onCancel={(event) => {
        event.preventDefault()
        props.onCancel()
      }}
    >
      <div className="dialog__body">
        <h2 id={`${id}-title`} className="dialog__title">
          {props.title}
        </h2>
        <p id={`${id}-text`} className="dialog__text">
          {props.text}
        </p>
        {props.children}
        <div className="dialog__buttons">{props.buttons}</div>
      </div>
    </dialog>
  )
}
