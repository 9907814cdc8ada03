import { useState } from 'react'
import type { SettingKey } from '../../../ipc/deskSnapshot.ts'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage, useSnapshot } from '../../page/page.ts'

/** Returns one setting: its value, the sentence why it is locked, and the function that saves it. */
export function useSetting(name: SettingKey) {
  const { translateIfKnown } = useTranslator()
  const { act, bridge, notice } = usePage()
  const { value, from, locked } = useSnapshot().settings.fields[name]
  const [isRejected, setRejected] = useState(false)
  const save = async (next: string) => {
    if (next === value) return setRejected(false)
    const answer = await bridge.saveSettings({ changes: { [name]: next } })
    if (!act.isDone(answer) || !answer.ok) return
    setRejected(!answer.value.ok)
    if (answer.value.ok) notice('good', 'settings.saved')
  }
  return {
    value,
    isRejected,
    locked: locked ? translateIfKnown(`settings.locked.${from}`) : undefined,
    save: (next: string) => void save(next),
  }
}
