import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { parseDuration } from '../../shared/duration';
import { DoraError } from '../../shared/errors';
import { matchesGlobs } from '../../shared/glob';
import type { Settings } from '../../shared/settings';
import { type AccountRegion, accountRegions, awsPolicy, clientConfig } from '../aws/accounts';
import { awsFailure } from '../aws/failure';
import { type PipelineWish, pipelineWishes } from '../aws/partitions';
import { inParallel } from '../aws/pool';
import type { HealthPart, Source, SourceContext } from '../source';
import { listPipelines } from './executions';
import { syncPipeline } from './sync';

/** AWS allows few calls a second; more pipelines at once only wait. */
const PIPELINES_AT_ONCE = 3;
const PLACES_AT_ONCE = 4;
const DEFAULT_LOOKBACK_MS = 180 * 86_400_000;

function places(settings: Settings): AccountRegion[] {
  return accountRegions(settings, new Set(pipelineWishes(settings).map(({ account }) => account)));
}

function wishesAt(wishes: readonly PipelineWish[], place: AccountRegion): PipelineWish[] {
  return wishes.filter(({ account }) => account === null || account === place.account);
}

function connect(context: SourceContext, place: AccountRegion): CodePipelineClient {
  return new CodePipelineClient(clientConfig(context.settings, context.secrets, awsPolicy(context.grafanaConfig), place));
}

/** Executions of AWS CodePipeline, of every account and region that teams ask for. */
export const codePipelineSource: Source = {
  name: 'codepipeline',

  isUsed: (settings) => pipelineWishes(settings).length > 0,

  async sync(context, signal) {
    await inParallel(places(context.settings), PLACES_AT_ONCE, (place) => syncPlace(context, place, signal));
  },

  async check(context, signal) {
    const parts: HealthPart[] = [];
    const wishes = pipelineWishes(context.settings);
    const names = new Map<string, string[]>();
    await inParallel(places(context.settings), PLACES_AT_ONCE, async (place) => {
      const name = `AWS ${place.scope}: CodePipeline`;
      try {
        const client = connect(context, place);
        const found = await listPipelines(client, signal);
        names.set(place.scope, found);
        parts.push({ name, status: 'ok', message: `${found.length} pipelines can be listed.`, code: null });
      } catch (error) {
        signal.throwIfAborted();
        const failure = awsFailure(error, place, 'codepipeline:ListPipelines');
        parts.push({ name, status: 'error', message: `${failure.message} ${failure.remedy}`, code: failure.code });
      }
    });
    for (const team of new Set(wishes.map((wish) => wish.team))) {
      const globs = wishes.filter((wish) => wish.team === team);
      const matched = [...names].flatMap(([scope, pipelines]) =>
        pipelines.filter((pipeline) => globs.some((wish) => (wish.account === null || scope.startsWith(`${wish.account}/`)) && matchesGlobs(wish.pipelines, pipeline)))
      );
      parts.push(
        matched.length > 0
          ? { name: `Team ${team}: pipelines`, status: 'ok', message: `${matched.length} pipelines match.`, code: null }
          : { name: `Team ${team}: pipelines`, status: 'error', message: `No pipeline matches ${globs.flatMap(({ pipelines }) => pipelines).join(', ')}.`, code: 'AWS_NO_PIPELINE_MATCHES' }
      );
    }
    return parts;
  },

  async search(context, what, text, limit, signal) {
    if (what !== 'pipelines') {
      return [];
    }
    const found = new Set<string>();
    for (const place of places(context.settings)) {
      const client = connect(context, place);
      for (const name of await listPipelines(client, signal).catch((error: unknown) => Promise.reject(awsFailure(error, place, 'codepipeline:ListPipelines')))) {
        if (name.toLowerCase().includes(text.toLowerCase())) {
          found.add(name);
        }
      }
    }
    return [...found].sort().slice(0, limit);
  },
};

/** One account's region: a failure of one pipeline, or of the place, is reported there and the others go on. */
async function syncPlace(context: SourceContext, place: AccountRegion, signal: AbortSignal): Promise<void> {
  const wishes = wishesAt(pipelineWishes(context.settings), place);
  if (wishes.length === 0) {
    return;
  }
  const scope = place.scope;
  let fetched = 0;
  const progress = { scope, total: null, resumesAt: null, error: null };
  context.report({ ...progress, phase: 'updating', fetched, lastSuccessAt: null });
  let failure: DoraError | null = null;
  const fail = (error: unknown, action: string): void => {
    signal.throwIfAborted();
    failure ??= awsFailure(error, place, action);
    context.log.warn('CodePipeline could not be read', { scope, code: failure.code, message: failure.message });
  };
  try {
    const client = connect(context, place);
    const pipelines = (await listPipelines(client, signal)).filter((name) => wishes.some((wish) => matchesGlobs(wish.pipelines, name)));
    const lookback = parseDuration(context.settings.sync.lookback) ?? DEFAULT_LOOKBACK_MS;
    await inParallel(pipelines, PIPELINES_AT_ONCE, async (pipeline) => {
      if (signal.aborted) {
        return;
      }
      const stages = wishes.some((wish) => wish.stages && matchesGlobs(wish.pipelines, pipeline));
      try {
        await syncPipeline(
          { place, pipeline, stages, since: context.now() - lookback },
          {
            client,
            store: context.store,
            signal,
            now: () => context.now(),
            fetched: (executions) => {
              fetched += executions;
              context.report({ ...progress, phase: 'updating', fetched, lastSuccessAt: null });
            },
          }
        );
      } catch (error) {
        if (error instanceof DoraError) {
          // The store refuses: no other pipeline will fare better.
          throw error;
        }
        fail(error, `codepipeline:ListPipelineExecutions of ${pipeline}`);
      }
    });
  } catch (error) {
    if (error instanceof DoraError && error.code.startsWith('STORE_')) {
      throw error;
    }
    fail(error, 'codepipeline:ListPipelines');
  }
  signal.throwIfAborted();
  const failed = failure as DoraError | null;
  context.report(
    failed
      ? { ...progress, phase: 'failed', fetched, lastSuccessAt: null, error: { code: failed.code, message: failed.message } }
      : { ...progress, phase: 'done', fetched, lastSuccessAt: context.now() }
  );
}
