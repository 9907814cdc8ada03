// Who may import whom (the table stands in CONTRIBUTING.md). A forbidden arrow or a cycle fails `npm run check`.
// The package of sockets, clock and orderly closing.
const NODE_KIT = 'node-kit'
const PARTS = ['protocol', 'phone-numbers', 'recording-log', NODE_KIT, 'hub', 'worker', 'agent', 'tv']
const LIBRARIES = ['protocol', 'phone-numbers', 'recording-log', NODE_KIT]
const oneOf = (names) => `(${names.join('|')})`

const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: '/(test|testing|scripts)/' },
  to: {
    path: `^${oneOf([...PARTS, 'test', 'scripts', 'installers'])}/`,
    pathNot: `^${oneOf([from, ...allowed])}/`,
  },
})

/** A package of npm or of Node that is not among these. */
const onlyPackages = (name, from, allowed, comment, builtIn = []) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: '/(test|testing|scripts)/|^tv/build\\.ts$' },
  to: {
    dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg', 'npm-unknown'],
    pathNot: [`^node_modules/${oneOf(allowed)}/`, ...builtIn.map((name) => `^${name}$`)],
  },
})

module.exports = {
  forbidden: [
    only('protocol-stands-alone', 'protocol', [], 'the words all parts speak know no part'),
    onlyPackages('protocol-has-zod-only', '^protocol/src/', ['zod'], 'it runs in a browser too'),
    only('phone-numbers-stands-alone', 'phone-numbers', [], 'one rule of parsing, equality and masking'),
    onlyPackages(
      'phone-numbers-has-its-library-only',
      '^phone-numbers/src/',
      ['libphonenumber-js'],
      'it is pure: hub and agent compare numbers alike; it loads its library late',
      ['module'],
    ),
    only(
      'recording-log-knows-protocol',
      'recording-log',
      ['protocol'],
      'the log is used by hub and agent, and knows neither',
    ),
    only(
      'node-kit-knows-protocol',
      NODE_KIT,
      ['protocol', 'phone-numbers'],
      'the socket, the clock and the closing of a process are used by hub, agent and worker, and know none',
    ),
    only('hub-imports', 'hub', LIBRARIES, 'parts meet on the wire only'),
    only(
      'worker-imports',
      'worker',
      ['protocol', 'recording-log', NODE_KIT],
      'a worker sees no telephone number',
    ),
    only('agent-imports', 'agent', LIBRARIES, 'parts meet on the wire only'),
    only('tv-imports', 'tv', ['protocol'], 'the wallboard is a page: messages in, pixels out'),
    onlyPackages('tv-has-zod-only', '^tv/', ['zod'], 'a page that parses what it receives, and nothing more'),
    {
      name: 'agent-ipc-imports',
      comment: 'the table between main and page: both import it, it imports neither',
      severity: 'error',
      from: { path: '^agent/src/ipc/' },
      to: { path: '.', pathNot: '^(agent/src/ipc/|protocol/src/|node_modules/zod/)' },
    },
    {
      name: 'agent-preload-imports',
      comment: 'named functions over the bridge of electron, nothing else',
      severity: 'error',
      from: { path: '^agent/src/preload/' },
      to: { path: '.', pathNot: '^(agent/src/(ipc|preload)/|node_modules/electron/)' },
    },
    {
      name: 'agent-page-imports',
      comment:
        'the page draws snapshots: no electron, no main, of our packages the protocol alone, and the pure dsp',
      severity: 'error',
      from: { path: '^agent/src/(renderer|renderer-audio)/' },
      to: {
        path: '^(hub|worker|tv|phone-numbers|recording-log|node-kit|agent/src)/',
        pathNot: '^agent/src/(ipc|dsp|renderer|renderer-audio)/',
      },
    },
    {
      name: 'starts-are-not-imported',
      comment:
        'start.ts and app.ts put everything of their package together; main.ts, the starts of programs and tests import them',
      severity: 'error',
      from: { path: `^${oneOf(PARTS)}/`, pathNot: '/(test|testing)/|/(main|start[A-Za-z]*)\\.tsx?$' },
      to: { path: `^${oneOf(PARTS)}/src/(start|main/app/app|main/app)\\.ts$` },
    },
    {
      name: 'scripts-start-built-parts',
      comment: 'scripts start the parts; what they share with them stands in the library packages',
      severity: 'error',
      from: { path: '^(scripts|installers)/' },
      to: { path: '^(hub|worker|agent|tv)/', pathNot: '/testing/' },
    },
    {
      name: 'nothing-imports-scripts',
      comment: 'what ships knows no script and no installer',
      severity: 'error',
      from: { path: `^${oneOf(PARTS)}/`, pathNot: '/(test|testing|scripts)/|/build\\.ts$' },
      to: { path: ['^(scripts|installers)/', '/scripts/'], pathNot: '^node_modules/' },
    },
    {
      name: 'one-module-for-telephone-numbers',
      comment:
        'parsing numbers in a second place gave two rules of equality; phone-numbers imports nothing else',
      severity: 'error',
      from: { path: '^(protocol|recording-log|node-kit|hub|worker|agent|tv|scripts)/' },
      to: { path: '^node_modules/libphonenumber-js/' },
    },
    {
      name: 'helpdesk-adapters-behind-one-door',
      comment: 'the hub knows the helpdesk port; only start/openHelpdesk.ts and the settings know an adapter',
      severity: 'error',
      from: { path: '^hub/src/', pathNot: '^hub/src/(ninjaone/|settings/|start/openHelpdesk\\.ts$)' },
      to: { path: '^hub/src/ninjaone/' },
    },
    {
      name: 'hub-nouns-state-ports',
      comment:
        'calls, recordings, dispatch, transcripts and tickets state a port; the edge fulfills it in start.ts',
      severity: 'error',
      from: {
        path: '^hub/src/(calls|recordings|dispatch|transcripts|masking|tickets|helpdesk|wallboard|retention|erasures)/',
      },
      to: { path: '^hub/src/(http|sockets|database|ninjaone|threecx|server)/' },
    },
    {
      name: 'agent-nouns-state-ports',
      comment:
        'call, capture, detection, drafts, recordings and replication state ports; Electron, the link to the hub and the programs fulfill them in app/',
      severity: 'error',
      from: { path: '^agent/src/main/(call|capture|detection|drafts|recordings|replication|telephone)/' },
      to: { path: '^agent/src/main/(app|electron|headless|hub|web)/' },
    },
    {
      name: 'protocol-and-wallboard-run-anywhere',
      comment: 'no Node, no Electron in the protocol and in what a browser shows',
      severity: 'error',
      from: {
        path: '^(protocol/src|tv|hub/admin/src|agent/src/renderer|agent/src/renderer-audio|agent/src/dsp)/',
        pathNot: '(/(test|testing)/|tv/build\\.ts|tv/scripts/)',
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'electron-at-one-edge',
      comment: 'everything else of the agent runs, and is tested, in plain Node',
      severity: 'error',
      from: { path: '.', pathNot: '^agent/(src/(main/main\\.ts|main/electron/|preload/)|testing/electron/)' },
      to: { path: '^node_modules/electron/' },
    },
    {
      name: 'the-page-knows-only-its-table',
      comment: 'renderer and main meet in agent/src/ipc; the page has no Node',
      severity: 'error',
      from: { path: '^agent/src/(renderer|renderer-audio|preload)/' },
      to: { path: '^agent/src/main/' },
    },
    {
      name: 'main-knows-no-page',
      severity: 'error',
      from: { path: '^agent/src/(main|ipc)/' },
      to: { path: '^agent/src/(renderer|renderer-audio|preload)/' },
    },
    {
      name: 'dsp-stands-alone',
      comment:
        'filters are pure arithmetic, so the main process and the hidden sound page may both import them',
      severity: 'error',
      from: { path: '^agent/src/dsp/' },
      to: { path: '^(node_modules|protocol|recording-log|node-kit|agent/src/(?!dsp/))' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'tests-stay-tests',
      comment: 'what ships imports no test and no builder',
      severity: 'error',
      from: { path: '^(protocol|recording-log|node-kit|phone-numbers|hub|worker|agent|tv)/src/' },
      to: { path: '/(test|testing)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^build/|^data/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs'],
    },
  },
}
