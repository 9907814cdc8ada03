// Builds the Windows helper that captures the caller's audio (agent/native/loopback) with mingw-w64 into build/native/win-x64/.
// Run: npx node scripts/native/buildLoopback.ts [--mock]   (--mock: also the variant that tests run under Wine)
import { parseArgs } from 'node:util'
import { build, helper, mock, WINDOWS_COMPILER } from './loopback.ts'
import { hasCompiler } from './compile.ts'

const { values } = parseArgs({ options: { mock: { type: 'boolean', default: false } } })

if (await hasCompiler(WINDOWS_COMPILER)) {
  const programs = [await helper(), ...(values.mock ? [await mock()] : [])]
  for (const program of programs) process.stdout.write(`${await build(program)}\n`)
} else {
  process.stderr.write(
    `${WINDOWS_COMPILER} is missing. Debian and Ubuntu: apt-get install gcc-mingw-w64-x86-64. Windows: MSYS2, pacman -S mingw-w64-x86_64-gcc.\n`,
  )
  process.exitCode = 1
}
