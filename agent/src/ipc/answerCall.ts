import { functions, type Answer, type Output, type Input } from './channels.ts'
import { FUNCTION_NAMES, type FunctionName } from './functionNames.ts'

/** The implementation of each function of the table, in main. */
export type Handlers = {
  readonly [Name in FunctionName]: (input: Input<Name>) => Output<Name> | Promise<Output<Name>>
}

/**
 * Resolves with an answer to one call of the page, whatever it sends: a malformed input is refused in words, and a handler
 * that throws is answered as 'failed'. Never rejects; `onFailed` receives the error for the log.
 */
export async function answerCall(
  handlers: Handlers,
  call: { readonly name: unknown; readonly input: unknown },
  onFailed: (name: FunctionName, error: unknown) => void,
): Promise<Answer<FunctionName>> {
  const name = FUNCTION_NAMES.find((each) => each === call.name)
  if (!name) return refuse('broken-argument', 'There is no such function.')
  return callOne(handlers, name, call.input, onFailed)
}

async function callOne<Name extends FunctionName>(
  handlers: Handlers,
  name: Name,
  raw: unknown,
  onFailed: (name: FunctionName, error: unknown) => void,
): Promise<Answer<Name>> {
  const { input, output } = functions[name]
  const parsed = input.safeParse(raw)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
    return refuse('broken-argument', `${name}: ${wrong}`.slice(0, 600))
  }
  try {
    // One function's own schemas: the compiler cannot pair them over the union of all names.
    const value = await handlers[name](parsed.data as Input<Name>)
    return { ok: true, value: output.parse(value) as Output<Name> }
  } catch (error) {
    onFailed(name, error)
    return refuse('failed', error instanceof Error ? error.message.slice(0, 600) : 'unknown')
  }
}

const refuse = (error: 'broken-argument' | 'failed', message: string) =>
  ({ ok: false, error, message }) as const
