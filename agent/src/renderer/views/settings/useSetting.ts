import { useState } from 'react'
import type { SettingKey } from '../../../ipc/deskSnapshot.ts'
import { useSpeech } from '../../i18n/texts.ts'
import { usePage, useSnapshot } from '../../page/page.ts'

/** One setting: its value, why it is locked, and how it is kept. */
export function useSetting(name: SettingKey) {
  const { maybe } = useSpeech()
  const { act, bridge, notice } = usePage()
  const { value, from, locked } = useSnapshot().settings.fields[name]
  const [isWrong, setWrong] = useState(false)
  const save = async (next: string) => {
    if (next === value) return setWrong(false)
    const answer = await bridge.saveSettings({ changes: { [name]: next } })
    if (!act.isDone(answer) || !answer.ok) return
    setWrong(!answer.value.ok)
    if (answer.value.ok) notice('good', 'settings.saved')
  }
  return {
    value,
    isWrong,
    locked: locked ? maybe(`settings.locked.${from}`) : undefined,
    save: (next: string) => void save(next),
  }
}
