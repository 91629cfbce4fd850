/**
 * Entry of every npm script, in plain JavaScript because Node 20 has to run it: installs what is missing, then does what
 * the command says. Scripts in TypeScript are run by Bun, which npm installs like any other package.
 */

const HELP = `node .config/run.mjs <command> [arguments]

  start         build, then the playground; --help after -- says its options
  test          every check and test
  test:long     the same with full numbers
  test:unit     engine and browser tests; a path as argument narrows them
  test:backend  tests of the executable's code, under Bun; a path narrows them
  test:browser  Chromium on the playground
  e2e           Playwright on a real Grafana at GRAFANA_URL
  bench         time and memory of the built executable
  smoke:aws     reads your own AWS, writes nothing
  build         dist/: the plugin for this machine
  package       artifacts/: a zip for each platform
  audit         known faults of the packages that are shipped; after a build
  pictures      docs/img/: from the playground, after a build
  dashboards    provisioning/dashboards/: the JSON of src/dashboards
  texts         src/locales/: catalogues of the editors' texts, from the code
  typecheck, lint, compat
`;

const JEST = 'jest/bin/jest.js';

/** Commands that are one program: built from the arguments when chosen. */
const PROGRAMS = {
  'test:unit': (s, args) => s.node(JEST, '--selectProjects', 'engine', 'browser', ...pattern(args)),
  'test:backend': (s, args) => s.bun(`node_modules/${JEST}`, '--selectProjects', 'backend', ...pattern(args)),
  'test:browser': (s, args) => s.node('@playwright/test/cli.js', 'test', '--config', 'tests/browser/playwright.config.ts', ...args),
  e2e: (s, args) => s.node('@playwright/test/cli.js', 'test', '--config', 'tests/e2e/playwright.config.ts', ...args),
  bench: (s, args) => s.bun('tests/bench/main.ts', ...args),
  'smoke:aws': (s) => s.bun('tests/smoke/aws.ts'),
  build: (s, args) => s.bun('.config/build.ts', ...args),
  package: (s, args) => s.bun('.config/package.ts', ...args),
  compat: (s, args) => s.bun('.config/compat.ts', ...args),
  audit: (s) => s.bun('.config/audit.ts'),
  dashboards: (s) => s.bun('.config/dashboards.ts'),
  pictures: (s, args) => s.bun('playground/pictures.ts', ...args),
  texts: (s, args) => s.bun('node_modules/i18next-cli/dist/esm/cli.js', 'extract', '--config', '.config/i18next.config.ts', '--sync-primary', ...args),
  typecheck: (s) => s.node('typescript/bin/tsc', '--noEmit', '-p', '.'),
  lint: (s, args) => s.node('eslint/bin/eslint.js', ...(args.length > 0 ? args : ['.'])),
};

/** A leading path is a pattern of test files; --selectProjects would otherwise take it for a project's name. */
function pattern(args) {
  const paths = args.filter((argument) => !argument.startsWith('-'));
  const options = args.filter((argument) => argument.startsWith('-'));
  return paths.length > 0 ? [...options, '--testPathPatterns', ...paths] : options;
}

async function main([command, ...args]) {
  if (command === undefined || command === 'help' || command === '--help') {
    process.stdout.write(HELP);
    return command === undefined ? 1 : 0;
  }
  if (command === 'test:long') {
    process.env.DORA_LONG = '1';
  }
  const { installWhatIsMissing } = await import('./run/install.js');
  installWhatIsMissing();
  const steps = await import('./run/steps.js');
  if (command === 'test' || command === 'test:long') {
    const { testEverything } = await import('./run/checks.js');
    return testEverything();
  }
  if (command === 'start') {
    const built = await steps.runAside(...steps.bun('.config/build.ts', '--if-changed'));
    return built === 0 ? steps.run(...steps.bun('playground/main.ts', ...args)) : built;
  }
  const program = PROGRAMS[command];
  if (program === undefined) {
    process.stderr.write(`Unknown command ${command}.\n\n${HELP}`);
    return 1;
  }
  return steps.run(...program(steps, args));
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
);
