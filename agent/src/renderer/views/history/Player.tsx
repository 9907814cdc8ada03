import './player.css'
import { IconButton } from '../../components/Button.tsx'
import { clockTime } from '../../i18n/format.ts'
import { useSpeech } from '../../i18n/texts.ts'
import { usePage } from '../../page/page.ts'
import type { Sound } from '../../stores/soundStore.ts'

export function Player({ sound: now }: { readonly sound: Extract<Sound, { at: 'open' }> }) {
  const { t } = useSpeech()
  const { sound } = usePage()
  const { durationMs } = now.audio
  if (now.failed)
    return (
      <p className="player" role="alert">
        {t('player.failed')}
      </p>
    )
  return (
    <div className="player" role="group" aria-label={t('player.label')}>
      <IconButton
        icon={now.playing ? 'pause' : 'play'}
        label={t(now.playing ? 'player.pause' : 'player.play')}
        onPress={sound.toggle}
      />
      <input
        className="player__way"
        type="range"
        min={0}
        max={durationMs}
        step={1_000}
        value={Math.min(now.positionMs, durationMs)}
        aria-label={t('player.position')}
        aria-valuetext={clockTime(now.positionMs)}
        onChange={(event) => sound.seek(Number(event.target.value))}
      />
      <span className="player__time">
        {clockTime(now.positionMs)} / {clockTime(durationMs)}
      </span>
      <IconButton icon="cross" label={t('app.close')} onPress={sound.close} />
    </div>
  )
}
