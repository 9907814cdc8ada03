import { Badge } from '../../components/Badge.tsx'
import { Button } from '../../components/Button.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { SoundTest } from '../settings/SoundTest.tsx'

export function SoundStep({
  hubName,
  onFinish,
}: {
  readonly hubName: string
  readonly onFinish: () => void
}) {
  const { t } = useTranslator()
  return (
    <div className="setup__form">
      <div>
        <Badge tone="good" dot="full">
          {t('setUp.enrolled', { hub: hubName })}
        </Badge>
      </div>
      <p>{t('setUp.soundIntro')}</p>
      <SoundTest />
      <div className="setup__foot">
        <Button variant="primary" size="large" onPress={onFinish}>
          {t('setUp.finish')}
        </Button>
      </div>
    </div>
  )
}
