import { useEffect, useState } from 'react'
import type { Output } from '../../../ipc/channels.ts'
import { SelectField } from '../../components/Field.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage } from '../../page/page.ts'
import { SoundTest } from './SoundTest.tsx'
import { useSetting } from './useSetting.ts'

type Devices = Output<'listDevices'>

export function SoundSettings() {
  const { t } = useTranslator()
  const { bridge } = usePage()
  const [devices, setDevices] = useState<Devices>()
  const microphone = useSetting('microphone')
  const loudspeaker = useSetting('loudspeaker')
  useEffect(() => {
    void bridge.listDevices({}).then((answer) => {
      if (answer.ok) setDevices(answer.value)
    })
  }, [bridge])
  const choices = (list: readonly { id: string; label: string }[], chosen: string) => {
    const known = list.some(({ id }) => id === chosen) || chosen === ''
    return [
      { value: '', label: t('settings.systemChoice') },
      ...list.map(({ id, label }) => ({ value: id, label })),
      // A chosen device stays in the list while it is unplugged.
      ...(known ? [] : [{ value: chosen, label: chosen }]),
    ]
  }
  return (
    <section className="group" aria-labelledby="settings-sound">
      <h2 className="group__title" id="settings-sound">
        {t('settings.sound')}
      </h2>
      {devices?.at === 'known' ? (
        <div className="group__pair">
          <SelectField
            label={t('settings.microphone')}
            value={microphone.value}
            choices={choices(devices.microphones, microphone.value)}
            locked={microphone.locked}
            onChange={microphone.save}
          />
          <SelectField
            label={t('settings.loudspeaker')}
            value={loudspeaker.value}
            choices={choices(devices.loudspeakers, loudspeaker.value)}
            locked={loudspeaker.locked}
            onChange={loudspeaker.save}
          />
        </div>
      ) : (
        <p className="group__note">
          {devices ? t('settings.devicesUnknown', { source: devices.source }) : t('settings.devicesLoading')}
        </p>
      )}
      <SoundTest />
    </section>
  )
}
