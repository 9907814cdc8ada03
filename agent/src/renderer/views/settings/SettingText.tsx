import { useState } from 'react'
import type { SettingKey } from '../../../ipc/deskSnapshot.ts'
import { TextField } from '../../components/Field.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { useSetting } from './useSetting.ts'

/** Draws a text setting: it is saved when the technician leaves it; a refused text stays to be corrected. */
export function SettingText(props: {
  readonly name: SettingKey
  readonly label: string
  readonly hint?: string
  readonly error?: string
  readonly type?: 'text' | 'email' | 'url'
  readonly maxLength: number
}) {
  const { t } = useTranslator()
  const setting = useSetting(props.name)
  const [typed, setTyped] = useState<string>()
  return (
    <TextField
      label={props.label}
      hint={props.hint}
      locked={setting.locked}
      error={setting.isRejected ? (props.error ?? t('settings.invalid')) : undefined}
      type={props.type ?? 'text'}
      value={typed ?? setting.value}
      maxLength={props.maxLength}
      onChange={setTyped}
      onLeave={() => {
        if (typed !== undefined) setting.save(typed.trim())
        if (typed?.trim() === setting.value) setTyped(undefined)
      }}
    />
  )
}
