import { useSpeech } from '../i18n/texts.ts'
import { Icon } from './Icon.tsx'

/** The address comes from an outside system: nothing but a page of the web is ever opened. */
export const isWebLink = (url: string | undefined): url is string => url?.startsWith('https://') === true

export function TicketLink({ url }: { readonly url: string }) {
  const { t } = useSpeech()
  return (
    <a className="card__link" href={url} target="_blank" rel="noreferrer">
      {t('draft.open')}
      <Icon name="external" />
    </a>
  )
}
