import { parseArgs } from 'node:util';
import type { SyncAnswer } from '../src/shared/resources';
import type { StoredDoraQuery } from '../src/shared/query';
import type { DataSourceUnderTest, PluginProcess } from '../tests/conformance/plugin';
import { type Session, startSession } from './session';
import { progressLine, summarise, type SyncProgress } from './terminal-progress';
import { renderTeams, type TeamReport, type WeekReport } from './terminal-report';

const USAGE = `Usage: npm start -- --terminal [--repo owner/name …] [--weeks 12] [--json]

Shows the four DORA metrics of each team by week: of a sample organisation, or with --repo of real repositories,
for which GITHUB_TOKEN holds a token that may read them. GITHUB_API_URL names a GitHub Enterprise server.
`;

const WEEK_MS = 7 * 86_400_000;
const POLL_MS = 250;

/** The four metrics as a person reads them: medians, for a few slow changes swell a mean. */
const QUERIES: Record<keyof Omit<WeekReport, 'start'>, StoredDoraQuery> = {
  deployments: { metric: 'deployment-frequency', measure: 'count' },
  leadTimeSeconds: { metric: 'lead-time', statistic: 'median' },
  failurePercent: { metric: 'change-failure-rate' },
  restoreSeconds: { metric: 'time-to-restore', statistic: 'median' },
};

export interface TerminalReport {
  teams: TeamReport[];
  notices: string[];
}

/** Runs the plugin on the sample organisation or on real repositories and prints what it says; answers the exit code. */
export async function runTerminal(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      terminal: { type: 'boolean', default: false },
      repo: { type: 'string', multiple: true, default: [] },
      weeks: { type: 'string', default: '12' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const weeks = Number(values.weeks);
  if (values.help || !Number.isInteger(weeks) || weeks < 1 || weeks > 156) {
    process.stdout.write(USAGE);
    return values.help ? 0 : 1;
  }
  if (values.repo.length > 0 && !process.env.GITHUB_TOKEN) {
    process.stderr.write('GITHUB_TOKEN is not set: GitHub answers no GraphQL query without a token.\n');
    return 1;
  }
  const session = await startSession({ repositories: values.repo, token: process.env.GITHUB_TOKEN, apiUrl: process.env.GITHUB_API_URL });
  try {
    const synced = await waitForSync(session, values.json ? null : process.stderr);
    const report = await readReport(session, weeks);
    if (values.json) {
      process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    } else {
      process.stdout.write(renderTeams(report.teams));
      report.notices.forEach((notice) => process.stdout.write(`! ${notice}\n`));
    }
    return synced.failed > 0 && synced.done === 0 ? 1 : 0;
  } finally {
    await session.close();
  }
}

/** Waits until every scope is done or has failed; draws a bar meanwhile. */
export async function waitForSync(session: Session, output: NodeJS.WriteStream | null): Promise<SyncProgress> {
  for (let drawn = ''; ; ) {
    const { body } = await session.plugin.resource(dataSource(session), 'GET', 'sync');
    const progress = summarise(body as SyncAnswer);
    const line = progressLine(progress);
    if (output && line !== drawn) {
      output.write(output.isTTY ? `\r\x1b[K${line}${progress.ended ? '\n' : ''}` : `${line}\n`);
      drawn = line;
    }
    if (progress.ended) {
      return progress;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function dataSource({ jsonData, secrets }: Session): DataSourceUnderTest {
  return { jsonData, secrets, uid: 'dora', role: 'Viewer' };
}

export async function readReport(session: Session, weeks: number): Promise<TerminalReport> {
  const { plugin } = session;
  const source = dataSource(session);
  const to = Date.now();
  const from = to - weeks * WEEK_MS;
  const teams = (await plugin.resource(source, 'GET', 'teams')).body as string[];
  const byTeam = new Map<string, Map<number, WeekReport>>(teams.map((team) => [team, new Map()]));
  const notices = new Set<string>();
  for (const [figure, model] of Object.entries(QUERIES) as Array<[keyof typeof QUERIES, StoredDoraQuery]>) {
    await readFigure(plugin, source, { ...model, interval: 'week' }, { from, to }, notices, (team, start, value) => {
      const rows = byTeam.get(team) ?? new Map<number, WeekReport>();
      byTeam.set(team, rows);
      const row = rows.get(start) ?? { start: new Date(start).toISOString().slice(0, 10), deployments: null, leadTimeSeconds: null, failurePercent: null, restoreSeconds: null };
      rows.set(start, { ...row, [figure]: value });
    });
  }
  return {
    teams: [...byTeam].map(([team, rows]) => ({ team, weeks: [...rows].sort(([a], [b]) => a - b).map(([, row]) => row) })),
    notices: [...notices],
  };
}

async function readFigure(
  plugin: PluginProcess,
  source: DataSourceUnderTest,
  model: StoredDoraQuery,
  range: { from: number; to: number },
  notices: Set<string>,
  take: (team: string, start: number, value: number | null) => void,
): Promise<void> {
  const { frames, error } = await plugin.query(source, model, range);
  if (error) {
    notices.add(error);
  }
  for (const { fields, meta } of frames) {
    meta.notices?.forEach(({ text }) => notices.add(text));
    const [time, value] = fields;
    time?.values.forEach((start, row) => take(value.labels.team ?? '', start as number, value.values[row] as number | null));
  }
}

if (import.meta.main) {
  runTerminal(process.argv.slice(2)).then(
    (code) => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
}
