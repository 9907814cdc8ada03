import './history.css'
import { useEffect, useRef, useState } from 'react'
import type { Output } from '../../../ipc/channels.ts'
import { Button } from '../../components/Button.tsx'
import { Icon } from '../../components/Icon.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage, useScreen, useSnapshot } from '../../page/page.ts'
import { Entry } from './Entry.tsx'
import { PastCallPane } from './PastCallPane.tsx'

const PAGE_SIZE = 40

/** Shows every call of this PC; any word of a call finds it. */
export function HistoryView() {
  const { t } = useTranslator()
  const { screen } = usePage()
  const openCall = useScreen((now) => now.openCall)
  const [words, setWords] = useState('')
  const list = useRef<HTMLDivElement>(null)
  const { found, more } = useSearch(words)
  return (
    <div className="history" data-open={openCall !== undefined}>
      <section className="history__list" aria-label={t('history.title')}>
        <div className="history__head">
          <h1 className="page__title">{t('history.title')}</h1>
          <SearchField
            words={words}
            onChange={setWords}
            onDown={() => list.current?.querySelector('button')?.focus()}
          />
          <p className="history__count" role="status">
            {found ? t('history.found', { count: found.total }) : ''}
          </p>
        </div>
        <div
          className="history__calls"
          ref={list}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
            const all = [...(list.current?.querySelectorAll<HTMLElement>('button.entry') ?? [])]
            const at = all.indexOf(event.target as HTMLElement)
            if (at < 0) return
            event.preventDefault()
            all[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus()
          }}
        >
          {found?.calls.map((call) => (
            <Entry
              key={call.callId}
              call={call}
              words={words}
              isOpen={call.callId === openCall}
              onOpen={() => screen.setState({ openCall: call.callId })}
            />
          ))}
          {found?.total === 0 ? (
            <p className="history__empty">{t(words.trim() ? 'history.none' : 'history.noneYet')}</p>
          ) : null}
          {found && found.calls.length < found.total ? (
            <p className="history__empty">
              <Button onPress={more}>{t('history.more')}</Button>
            </p>
          ) : null}
        </div>
      </section>
      {openCall ? (
        <PastCallPane key={openCall} callId={openCall} words={words} />
      ) : (
        <div className="past past__none">{t('history.pick')}</div>
      )}
    </div>
  )
}

function SearchField(props: {
  readonly words: string
  readonly onChange: (words: string) => void
  /** The technician pressed the arrow down, toward the list. */
  readonly onDown: () => void
}) {
  const { t } = useTranslator()
  const { screen } = usePage()
  const { words, onChange, onDown } = props
  const field = useRef<HTMLInputElement>(null)
  const search = useScreen((now) => now.search)
  useEffect(() => {
    if (search !== 'wanted') return
    field.current?.select()
    screen.setState({ search: 'still' })
  }, [search, screen])
  return (
    <div className="history__search" role="search">
      <Icon name="search" />
      <input
        className="input"
        type="search"
        ref={field}
        data-enter="own"
        value={words}
        maxLength={200}
        placeholder={t('history.searchHint')}
        aria-label={t('history.search')}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return
          event.preventDefault()
          onDown()
        }}
      />
    </div>
  )
}

/** Returns the calls that main finds, searched again when the words or the calls change. A late answer is dropped. */
function useSearch(words: string) {
  const { bridge } = usePage()
  const { calls, drafts } = useSnapshot()
  const [size, setSize] = useState(PAGE_SIZE)
  const [found, setFound] = useState<Output<'searchCalls'>>()
  const changes = [...calls.map(({ phase }) => phase), ...drafts.map(({ draft }) => draft.state.at)].join()
  useEffect(() => setSize(PAGE_SIZE), [words])
  useEffect(() => {
    let isStale = false
    void bridge.searchCalls({ words, skip: 0, limit: Math.min(100, size) }).then((answer) => {
      if (answer.ok && !isStale) setFound(answer.value)
    })
    return () => {
      isStale = true
    }
  }, [bridge, words, size, changes])
  return { found, more: () => setSize((before) => before + PAGE_SIZE) }
}
