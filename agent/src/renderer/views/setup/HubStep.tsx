import { useCallback, useEffect, useState } from 'react'
import type { Output } from '../../../ipc/channels.ts'
import { Button } from '../../components/Button.tsx'
import { TextField } from '../../components/Field.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage, useSnapshot } from '../../page/page.ts'
import type { SetUpInput, FieldErrors } from './setUpInput.ts'

type Hubs = Output<'findHubs'>['hubs']

export function HubStep(props: {
  readonly input: SetUpInput
  readonly errors: FieldErrors
  readonly onChange: (changes: Partial<SetUpInput>) => void
  readonly onNext: () => void
  readonly onLeave: (() => void) | undefined
}) {
  const { t, translateIfKnown } = useTranslator()
  const { input, errors, onChange } = props
  const { hub } = useSnapshot().settings.fields
  const locked = hub.locked ? translateIfKnown(`settings.locked.${hub.from}`) : undefined
  return (
    <form
      className="setup__form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        props.onNext()
      }}
    >
      {hub.locked ? null : (
        <FoundHubs chosen={input.hub} onChoose={(address) => onChange({ hub: address })} />
      )}
      <TextField
        label={t('setUp.address')}
        hint={t('setUp.addressHint')}
        error={errors.hub}
        locked={locked}
        type="url"
        value={input.hub}
        maxLength={400}
        onChange={(address) => onChange({ hub: address })}
      />
      <TextField
        label={t('setUp.key')}
        hint={t('setUp.keyHint')}
        error={errors.enrollmentKey}
        value={input.enrollmentKey}
        maxLength={400}
        onChange={(enrollmentKey) => onChange({ enrollmentKey })}
      />
      <div className="setup__foot">
        {props.onLeave ? (
          <Button variant="quiet" onPress={props.onLeave}>
            {t('app.cancel')}
          </Button>
        ) : null}
        <button type="submit" className="button button--primary button--large">
          {t('setUp.next')}
        </button>
      </div>
    </form>
  )
}

/** Lists the hubs that announce themselves; a click fills in the address. */
function FoundHubs(props: { readonly chosen: string; readonly onChoose: (address: string) => void }) {
  const { t } = useTranslator()
  const { bridge } = usePage()
  const [hubs, setHubs] = useState<Hubs>()
  const search = useCallback(async () => {
    setHubs(undefined)
    const answer = await bridge.findHubs({})
    setHubs(answer.ok ? answer.value.hubs : [])
  }, [bridge])
  useEffect(() => void search(), [search])
  return (
    <div className="setup__found" role="group" aria-label={t('setUp.found')}>
      <p className="group__note" role="status">
        {hubs === undefined ? t('setUp.searching') : t(hubs.length > 0 ? 'setUp.found' : 'setUp.noneFound')}
      </p>
      {hubs?.map(({ name, address }) => (
        <button
          key={address}
          type="button"
          className="setup__hub"
          aria-pressed={address === props.chosen}
          onClick={() => props.onChoose(address)}
        >
          <strong>{name}</strong>
          <small>{address}</small>
        </button>
      ))}
      {hubs?.length === 0 ? (
        <div>
          <Button icon="again" onPress={() => void search()}>
            {t('setUp.searchAgain')}
          </Button>
        </div>
      ) : null}
    </div>
  )
}
