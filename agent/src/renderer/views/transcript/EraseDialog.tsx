import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage } from '../../page/page.ts'

/** Asks once before an erasure, which cannot be undone. The safe answer has the focus. */
export function EraseDialog({ onErase }: { readonly onErase: () => void }) {
  const { t } = useTranslator()
  const { act } = usePage()
  return (
    <Dialog
      title={t('call.eraseTitle')}
      text={t('call.eraseText')}
      onCancel={act.closeDialog}
      buttons={
        <>
          <Button onPress={act.closeDialog} autoFocus>
            {t('app.cancel')}
          </Button>
          <Button
            variant="destroy"
            onPress={() => {
              act.closeDialog()
              onErase()
            }}
          >
            {t('call.eraseConfirm')}
          </Button>
        </>
      }
    />
  )
}
