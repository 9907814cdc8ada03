// node --import agent/testing/electron/hook.ts build/agent/main/main.js: 'electron' is the fake.
import { registerHooks } from 'node:module'

const fake = new URL('./fakeElectron.ts', import.meta.url).href
registerHooks({
  resolve: (name, context, next) =>
    name === 'electron' ? { url: fake, shortCircuit: true } : next(name, context),
})
