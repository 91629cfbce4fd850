import { parseArgs } from 'node:util';
import { Bridge } from './bridge';
import { bundlePage } from './page';
import { type PlaygroundServer, readManifest, serve } from './server';
import { type Session, startSession } from './session';
import { readReport, runTerminal, waitForSync } from './terminal';
import { renderTeams } from './terminal-report';

const WEEKS = 12;

const USAGE = `Usage: npm start -- [options]

Starts the plugin on a sample organisation and shows it in a web page: dashboards, one query, settings. Ctrl-C ends it.

  --repo owner/name  real repositories instead (several times for several); GITHUB_TOKEN holds a token that may read them,
                     GITHUB_API_URL the API of a GitHub Enterprise server
  --empty            begin with a data source that has no token and no team
  --port 3000        where the page is served on this machine; the next free port if it is taken
  --terminal         no page: print each team's four metrics by week
  --json             the same for machines
`;

async function main(args: string[]): Promise<number> {
  if (args.includes('--terminal') || args.includes('--json')) {
    return runTerminal(args);
  }
  const { values } = parseArgs({
    args,
    options: {
      repo: { type: 'string', multiple: true, default: [] },
      empty: { type: 'boolean', default: false },
      port: { type: 'string', default: '3000' },
      help: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (values.help || !Number.isInteger(port) || port < 0 || port > 65_535) {
    process.stdout.write(USAGE);
    return values.help ? 0 : 1;
  }
  if (values.repo.length > 0 && !process.env.GITHUB_TOKEN) {
    process.stderr.write('GITHUB_TOKEN is not set: GitHub answers no GraphQL query without a token.\n');
    return 1;
  }
  const stopped = untilStopped();
  await bundlePage();
  const session = await startSession({ repositories: values.repo, token: process.env.GITHUB_TOKEN, apiUrl: process.env.GITHUB_API_URL });
  let server: PlaygroundServer | null = null;
  try {
    server = await serve(bridgeTo(session, values.empty), port);
    process.stdout.write(`\nThe playground is at ${server.address}  (Ctrl-C ends it)\n\n`);
    if (values.empty && session.github) {
      process.stdout.write(`The sample organisation's token: ${session.github.token}\n`);
    }
    // The page works meanwhile: the table only repeats in the terminal what the page shows.
    const reported = values.empty ? Promise.resolve() : report(session);
    await Promise.race([stopped, ended(session), reported.then(() => stopped)]);
    if (!session.plugin.alive) {
      process.stderr.write('The plugin process ended. Its last words:\n');
      session.plugin.logs.slice(-5).forEach((line) => process.stderr.write(`${JSON.stringify(line)}\n`));
      return 1;
    }
    return 0;
  } finally {
    await server?.close();
    await session.close();
  }
}

function bridgeTo(session: Session, empty: boolean): Bridge {
  const { jsonData, secrets } = session;
  return new Bridge(session.plugin, readManifest(), empty ? { jsonData: { github: jsonData.github }, secrets: {}, version: 1 } : { jsonData, secrets, version: 1 });
}

async function report(session: Session): Promise<void> {
  try {
    await waitForSync(session, process.stderr);
    const { teams, notices } = await readReport(session, WEEKS);
    process.stdout.write(renderTeams(teams));
    notices.forEach((notice) => process.stdout.write(`! ${notice}\n`));
  } catch (error) {
    if (session.plugin.alive) {
      throw error;
    }
  }
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

function ended({ plugin }: Session): Promise<void> {
  return new Promise((resolve) => plugin.child.once('exit', () => resolve()));
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
