import { useState } from 'react'
import type { Output } from '../../../ipc/channels.ts'
import { Button } from '../../components/Button.tsx'
import { loudness } from '../../components/loudness.ts'
import { Meter } from '../../components/Meter.tsx'
import { useSpeech, type Speech } from '../../i18n/texts.ts'
import { useDesk, usePage } from '../../page/page.ts'

type Result = Output<'testSound'>

/** A moment of listening, with the meters that move, and what was heard to listen to. */
export function SoundTest() {
  const speech = useSpeech()
  const { t } = speech
  const { act, bridge } = usePage()
  const levels = useDesk((shown) => shown.levels)
  const [state, setState] = useState<'idle' | 'listening' | { readonly result: Result; readonly at: number }>(
    'idle',
  )
  const run = async () => {
    setState('listening')
    const answer = await bridge.testSound({})
    setState((before) =>
      act.isDone(answer) && answer.ok
        ? { result: answer.value, at: typeof before === 'object' ? before.at + 1 : 1 }
        : 'idle',
    )
  }
  const listening = state === 'listening'
  return (
    <>
      <div className="group__row">
        <Button icon="mic" disabled={listening} onPress={() => void run()}>
          {t(listening ? 'settings.testing' : 'settings.test')}
        </Button>
        <p className="group__note">{t('settings.testHint')}</p>
      </div>
      {listening
        ? (['agent', 'caller'] as const).map((side) => (
            <Meter
              key={side}
              side={side}
              label={t(`level.${side}`)}
              level={levels[side]}
              alarm={false}
              valueText={t('level.percent', { percent: Math.round(loudness(levels[side]) * 100) })}
            />
          ))
        : null}
      <p role="status">{typeof state === 'object' ? saidOf(state.result, speech) : ''}</p>
      {typeof state === 'object' && state.result.ok ? (
        // The address is always the same: the number makes the browser ask again.
        <audio controls src={`${state.result.url}?${state.at}`} aria-label={t('player.label')} />
      ) : null}
    </>
  )
}

function saidOf(result: Result, { t }: Speech): string {
  if (!result.ok)
    return result.why === 'call-on'
      ? t('settings.testCallOn')
      : t('settings.testFailed', { detail: result.detail })
  const agent = result.audible.includes('agent')
  const caller = result.audible.includes('caller')
  if (agent) return t(caller ? 'settings.testBoth' : 'settings.testAgent')
  return t(caller ? 'settings.testCaller' : 'settings.testNone')
}
