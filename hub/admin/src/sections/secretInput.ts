import { button, h, put } from '../draw/element.ts'
import { badge } from '../draw/notice.ts'
import type { InputNeeds, SettingInput } from './settingInput.ts'

/** Returns the input of a secret, which is never shown: it reports whether the secret is set, replaces it or clears it. */
export function secretInput({ field, texts, id, describedBy, onInput }: InputNeeds): SettingInput {
  const { t } = texts
  const isSet = field.value === true
  const isLocked = field.source === 'environment'
  let at: 'kept' | 'typed' | 'cleared' = 'kept'
  const typed = h('input', {
    id,
    class: 'input',
    type: 'password',
    autocomplete: 'new-password',
    spellcheck: 'false',
    disabled: isLocked,
    placeholder: isSet ? t('secret.replace') : t('secret.none'),
    'aria-describedby': describedBy,
    on: {
      input: () => {
        at = typed.value === '' ? 'kept' : 'typed'
        draw()
        onInput()
      },
    },
  })
  const element = h('div', { class: 'secret' })
  const state = h('div', { class: 'secret__state' })
  const clear = () => {
    at = 'cleared'
    typed.value = ''
    draw()
    onInput()
  }
  const draw = () =>
    put(
      state,
      at === 'cleared'
        ? badge('warn', t('secret.cleared'))
        : badge(isSet ? 'ok' : 'none', isSet ? t('secret.set') : t('secret.notSet')),
      isSet && !isLocked && at !== 'cleared' && button(t('secret.clear'), clear, { class: 'link' }),
    )
  draw()
  put(element, typed, state)
  return {
    element,
    control: typed,
    // undefined means unchanged: this page never receives the value
    read: () => (at === 'cleared' ? null : at === 'typed' ? typed.value : undefined),
    write() {
      at = 'kept'
      typed.value = ''
      draw()
    },
  }
}
