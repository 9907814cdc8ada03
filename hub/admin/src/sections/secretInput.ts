import { button, h, put } from '../draw/element.ts'
import { badge } from '../draw/notice.ts'
import type { InputNeeds, SettingInput } from './settingInput.ts'

/** A value that goes in and never comes out: whether it is set, and setting another or none. */
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
    // undefined is 'as it was': what it was is not known here
    read: () => (at === 'cleared' ? null : at === 'typed' ? typed.value : undefined),
    write() {
      at = 'kept'
      typed.value = ''
      draw()
    },
  }
}
