import './player.css'
import { Button, IconButton } from '../../components/Button.tsx'
import { clockTime } from '../../i18n/format.ts'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage } from '../../page/page.ts'
import type { Sound } from '../../stores/soundStore.ts'

export function Player({ sound: now }: { readonly sound: Extract<Sound, { at: 'open' }> }) {
  const { t } = useTranslator()
  const { sound } = usePage()
  const { durationMs } = now.audio
  if (now.failure)
    return (
      <div className="player player--failure">
        <p role="alert">
          {t(now.failure === 'failed' ? 'player.failed' : `transcript.noSound.${now.failure}`)}
        </p>
        <Button icon="again" onPress={() => void sound.retry()}>
          {t('player.retry')}
        </Button>
      </div>
    )
  return (
    <div className="player" role="group" aria-label={t('player.label')}>
      <IconButton
        icon={now.playing ? 'pause' : 'play'}
        label={t(now.playing ? 'player.pause' : 'player.play')}
        onPress={sound.toggle}
      />
      <input
        className="player__track"
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
      <AudioSource sound={now} />
      <IconButton icon="cross" label={t('app.close')} onPress={sound.close} />
    </div>
  )
}

/** Shows where the audio is stored and how much of it has arrived, in a quiet text: it rarely matters. */
function AudioSource({ sound }: { readonly sound: Extract<Sound, { at: 'open' }> }) {
  const { t } = useTranslator()
  const { audio, fetched, waiting } = sound
  const isComing = audio.from === 'hub' && fetched !== undefined && fetched < 1
  return (
    <span className="player__source" data-waits={waiting}>
      {isComing
        ? t('player.fetching', { percent: Math.floor(fetched * 100) })
        : waiting && audio.from === 'hub'
          ? t('player.waiting')
          : t(`player.from.${audio.from}`)}
    </span>
  )
}
