import { Button } from '../../components/Button.tsx'
import { TextField } from '../../components/Field.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { useSnapshot } from '../../page/page.ts'
import type { SetUpInput, FieldErrors } from './setUpInput.ts'

export function YouStep(props: {
  readonly input: SetUpInput
  readonly errors: FieldErrors
  readonly enrolling: boolean
  readonly onChange: (changes: Partial<SetUpInput>) => void
  readonly onBack: () => void
  readonly onEnroll: () => void
}) {
  const { t, translateIfKnown } = useTranslator()
  const { input, errors, onChange } = props
  const { fields } = useSnapshot().settings
  const lockOf = (name: 'extension' | 'name' | 'email') =>
    fields[name].locked ? translateIfKnown(`settings.locked.${fields[name].from}`) : undefined
  return (
    <form
      className="setup__form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!props.enrolling) props.onEnroll()
      }}
    >
      <TextField
        label={t('settings.name')}
        error={errors.name}
        locked={lockOf('name')}
        value={input.name}
        maxLength={120}
        autoComplete="name"
        onChange={(name) => onChange({ name })}
      />
      <TextField
        label={t('settings.extension')}
        hint={t('settings.extensionHint')}
        error={errors.extension}
        locked={lockOf('extension')}
        value={input.extension}
        maxLength={32}
        onChange={(extension) => onChange({ extension })}
      />
      <TextField
        label={t('settings.email')}
        hint={t('settings.emailHint')}
        error={errors.email}
        locked={lockOf('email')}
        type="email"
        autoComplete="email"
        value={input.email}
        maxLength={254}
        onChange={(email) => onChange({ email })}
      />
      <div className="setup__foot">
        <Button variant="quiet" icon="back" onPress={props.onBack}>
          {t('setUp.back')}
        </Button>
        <button type="submit" className="button button--primary button--large" disabled={props.enrolling}>
          {t(props.enrolling ? 'setUp.enrolling' : 'setUp.enroll')}
        </button>
      </div>
    </form>
  )
}
