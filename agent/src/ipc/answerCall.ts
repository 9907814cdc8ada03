import { functions, type Answer, type Gives, type Takes } from './channels.ts'
import { FUNCTION_NAMES, type FunctionName } from './functionNames.ts'

/** What main does for each function of the table. */
export type Handlers = {
  readonly [Name in FunctionName]: (takes: Takes<Name>) => Gives<Name> | Promise<Gives<Name>>
}

/**
 * Answers one call of the page. Whatever comes in, an answer goes out: arguments that are none of ours are refused in
 * words, a handler that throws is told as 'failed'. `onFailed` gets the error for the log.
 */
export async function answerCall(
  handlers: Handlers,
  asked: { readonly name: unknown; readonly takes: unknown },
  onFailed: (name: FunctionName, error: unknown) => void,
): Promise<Answer<FunctionName>> {
  const name = FUNCTION_NAMES.find((each) => each === asked.name)
  if (!name) return refuse('broken-argument', 'There is no such function.')
  return callOne(handlers, name, asked.takes, onFailed)
}

async function callOne<Name extends FunctionName>(
  handlers: Handlers,
  name: Name,
  given: unknown,
  onFailed: (name: FunctionName, error: unknown) => void,
): Promise<Answer<Name>> {
  const { takes, gives } = functions[name]
  const parsed = takes.safeParse(given)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
    return refuse('broken-argument', `${name}: ${wrong}`.slice(0, 600))
  }
  try {
    // One function's own schemas: the compiler cannot pair them over the union of all names.
    const value = await handlers[name](parsed.data as Takes<Name>)
    return { ok: true, value: gives.parse(value) as Gives<Name> }
  } catch (error) {
    onFailed(name, error)
    return refuse('failed', error instanceof Error ? error.message.slice(0, 600) : 'unknown')
  }
}

const refuse = (error: 'broken-argument' | 'failed', message: string) =>
  ({ ok: false, error, message }) as const
