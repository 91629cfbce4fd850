import type { DeploymentRecord, DeploymentStage, Outcome } from '../../engine/model';
import { matchesGlob, matchesGlobs } from '../../shared/glob';
import { referencesOf } from '../references';
import type { RunSelection } from './plan';

/** What REST tells of a run or of one of its attempts; what is not used is left out. */
export interface RawRun {
  id: number;
  name: string | null;
  path: string;
  /** Absent on Enterprise Servers before 3.6. */
  display_title?: string | null;
  event: string;
  status: string | null;
  conclusion: string | null;
  run_attempt?: number;
  head_branch: string | null;
  head_sha: string;
  html_url: string;
  created_at: string;
  run_started_at?: string;
  updated_at: string;
}

export interface RawJob {
  name: string;
  status: string;
  conclusion: string | null;
  started_at: string | null;
  completed_at: string | null;
  run_attempt?: number;
}

/** Runs for somebody's proposal never are deployments, whatever workflow they run. */
function isForProposal(run: RawRun): boolean {
  return run.event === 'pull_request' || run.event === 'pull_request_target' || run.event === 'merge_group';
}

function fileOf(run: RawRun): string {
  return run.path.replace(/@.*$/, '').split('/').at(-1) ?? run.path;
}

function fits(selection: RunSelection, run: RawRun): boolean {
  const { workflows, branches } = selection;
  const names = [fileOf(run), run.path.replace(/@.*$/, ''), run.name ?? ''];
  return (
    (workflows === undefined || names.some((name) => matchesGlobs(workflows, name))) &&
    (branches === undefined || (run.head_branch !== null && matchesGlobs(branches, run.head_branch)))
  );
}

/** Who wants a run; nobody the runs for proposals. */
export function selectionsOf(selections: readonly RunSelection[], run: RawRun): RunSelection[] {
  return isForProposal(run) ? [] : selections.filter((selection) => fits(selection, run));
}

/** True when the run came to what the selection takes for the deployment: its job, or the run itself where it names none. */
export function cameTo({ job }: RunSelection, { stages }: DeploymentRecord): boolean {
  return job === undefined || stages.some(({ name, outcome }) => outcome !== null && (name === job || matchesGlob(job, name)));
}

const OUTCOMES: Record<string, Outcome | undefined> = { success: 'succeeded', failure: 'failed', timed_out: 'failed', startup_failure: 'failed' };

/** A finished attempt of a run; null while it runs, and for what was cancelled, skipped or left waiting. */
export function mapRun(repository: { id: string; name: string }, run: RawRun, jobs: readonly RawJob[] | null): DeploymentRecord | null {
  const outcome = run.status === 'completed' ? OUTCOMES[run.conclusion ?? ''] : undefined;
  if (outcome === undefined) {
    return null;
  }
  const attempt = run.run_attempt ?? 1;
  const stages = (jobs ?? []).map((job) => mapJob(job, attempt));
  const ends = stages.flatMap((stage) => stage.finishedAt ?? []);
  const startedAt = Date.parse(run.run_started_at ?? run.created_at);
  const file = fileOf(run);
  return {
    id: `workflow-runs:${run.id}:${attempt}`,
    origin: 'workflow-runs',
    outcome,
    declared: null,
    startedAt,
    // Without jobs the last change is the nearest that the list tells.
    finishedAt: ends.length > 0 ? Math.max(...ends) : Math.max(startedAt, Date.parse(run.updated_at)),
    revisions: [{ repository: repository.id, repositoryName: repository.name, sha: run.head_sha }],
    ref: run.head_branch,
    environment: null,
    pipeline: file,
    pipelineTitle: run.name !== null && run.name !== file ? run.name : null,
    account: null,
    region: null,
    service: null,
    prerelease: false,
    stages,
    title: run.display_title ?? run.name ?? file,
    url: attempt > 1 ? `${run.html_url}/attempts/${attempt}` : run.html_url,
    references: referencesOf({ title: run.display_title, branch: run.head_branch }),
  };
}

function mapJob(job: RawJob, attempt: number): DeploymentStage {
  return {
    name: job.name,
    attempt,
    outcome: job.status === 'completed' ? (OUTCOMES[job.conclusion ?? ''] ?? null) : null,
    startedAt: job.started_at === null ? null : Date.parse(job.started_at),
    finishedAt: job.completed_at === null ? null : Date.parse(job.completed_at),
  };
}
