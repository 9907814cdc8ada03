import { useState } from 'react'
import type { Output } from '../../../ipc/channels.ts'
import { Button } from '../../components/Button.tsx'
import { loudness } from '../../components/loudness.ts'
import { Meter } from '../../components/Meter.tsx'
import { useTranslator, type Translator } from '../../i18n/texts.ts'
import { useDesk, usePage } from '../../page/page.ts'

type Result = Output<'testSound'>

/** Records for a moment with moving meters, then offers the recording to play. */
export function SoundTest() {
  const translator = useTranslator()
  const { t } = translator
  const { act, bridge } = usePage()
  const levels = useDesk((shown) => shown.levels)
  const [state, setState] = useState<
    'idle' | 'listening' | { readonly result: Result; readonly run: number }
  >('idle')
  const runTest = async () => {
    setState('listening')
    const answer = await bridge.testSound({})
    setState((before) =>
      act.isDone(answer) && answer.ok
        ? { result: answer.value, run: typeof before === 'object' ? before.run + 1 : 1 }
        : 'idle',
    )
  }
  const listening = state === 'listening'
  return (
    <>
      <div className="group__row">
        <Button icon="mic" disabled={listening} onPress={() => void runTest()}>
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
      <p role="status">{typeof state === 'object' ? resultSentence(state.result, translator) : ''}</p>
      {typeof state === 'object' && state.result.ok ? (
        // The address is always the same: the number makes the browser fetch it again.
        <audio controls src={`${state.result.url}?${state.run}`} aria-label={t('player.label')} />
      ) : null}
    </>
  )
}

function resultSentence(result: Result, { t }: Translator): string {
  if (!result.ok)
    return result.why === 'call-on'
      ? t('settings.testCallOn')
      : t('settings.testFailed', { detail: result.detail })
  const agent = result.audible.includes('agent')
  const caller = result.audible.includes('caller')
  if (agent) return t(caller ? 'settings.testBoth' : 'settings.testAgent')
  return t(caller ? 'settings.testCaller' : 'settings.testNone')
}
