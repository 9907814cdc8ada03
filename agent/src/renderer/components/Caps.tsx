import { useTranslator } from '../i18n/texts.ts'
import type { Shortcut } from '../keys/shortcuts.ts'
import { isMac } from '../keys/platform.ts'

/** Draws the keys of a shortcut by the names printed on them. Screen readers skip them and read `aria-keyshortcuts`. */
export function Caps({ shortcut }: { readonly shortcut: Shortcut }) {
  const { t } = useTranslator()
  const name = (cap: string) => {
    switch (cap) {
      case 'alt':
        return t(isMac() ? 'keys.option' : 'keys.alt')
      case 'ctrl':
        return t('keys.ctrl')
      case 'enter':
        return t('keys.enter')
      case 'escape':
        return t('keys.escape')
      case 'arrows':
        return t('keys.arrows')
      default:
        return cap
    }
  }
  return (
    <span className="caps" aria-hidden="true">
      {shortcut.caps.map((cap) => (
        <kbd key={cap}>{name(cap)}</kbd>
      ))}
    </span>
  )
}
