import { Button } from '../../components/Button.tsx'
import { TextField } from '../../components/Field.tsx'
import { useSpeech } from '../../i18n/texts.ts'
import { useSnapshot } from '../../page/page.ts'
import type { Given, Wrong } from './given.ts'

export function YouStep(props: {
  readonly given: Given
  readonly wrong: Wrong
  readonly joining: boolean
  readonly onChange: (changes: Partial<Given>) => void
  readonly onBack: () => void
  readonly onJoin: () => void
}) {
  const { t, maybe } = useSpeech()
  const { given, wrong, onChange } = props
  const { fields } = useSnapshot().settings
  const lockOf = (name: 'extension' | 'name' | 'email') =>
    fields[name].locked ? maybe(`settings.locked.${fields[name].from}`) : undefined
  return (
    <form
      className="setup__form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!props.joining) props.onJoin()
      }}
    >
      <TextField
        label={t('settings.name')}
        wrong={wrong.name}
        locked={lockOf('name')}
        value={given.name}
        maxLength={120}
        autoComplete="name"
        onChange={(name) => onChange({ name })}
      />
      <TextField
        label={t('settings.extension')}
        hint={t('settings.extensionHint')}
        wrong={wrong.extension}
        locked={lockOf('extension')}
        value={given.extension}
        maxLength={32}
        onChange={(extension) => onChange({ extension })}
      />
      <TextField
        label={t('settings.email')}
        hint={t('settings.emailHint')}
        wrong={wrong.email}
        locked={lockOf('email')}
        type="email"
        autoComplete="email"
        value={given.email}
        maxLength={254}
        onChange={(email) => onChange({ email })}
      />
      <div className="setup__foot">
        <Button look="quiet" icon="back" onPress={props.onBack}>
          {t('setUp.back')}
        </Button>
        <button type="submit" className="button button--primary button--large" disabled={props.joining}>
          {t(props.joining ? 'setUp.joining' : 'setUp.join')}
        </button>
      </div>
    </form>
  )
}
