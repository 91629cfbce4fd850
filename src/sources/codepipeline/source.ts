import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { durationMs } from '../../shared/duration';
import { DoraError } from '../../shared/errors';
import { matchesGlobs } from '../../shared/glob';
import type { Settings } from '../../shared/settings';
import { type AccountRegion, accountRegions, unknownAccounts } from '../aws/accounts';
import { type AwsPatience, PATIENCE, withClient } from '../aws/clients';
import { awsFailure } from '../aws/failure';
import { checkPlaces, unknownAccountParts } from '../aws/health';
import { syncPlace, type PlacePass } from '../aws/place';
import { inEachPlace, inParallel } from '../aws/pool';
import { type PipelineWish, pipelineWishes } from '../aws/wishes';
import type { HealthPart, Source, SourceContext } from '../source';
import { PipelineReader } from './executions';
import { pipelineCoverage, pipelineStateKey, syncPipeline, type PipelinePlan } from './sync';

/** AWS allows few calls a second; more pipelines at once only wait. */
const PIPELINES_AT_ONCE = 3;

function places(settings: Settings): AccountRegion[] {
  return accountRegions(settings, new Set(pipelineWishes(settings).map(({ account }) => account)));
}

function wishesAt(settings: Settings, place: AccountRegion): PipelineWish[] {
  return pipelineWishes(settings).filter(({ account }) => account === null || account === place.account);
}

/** What to do about each pipeline of a place that anybody asks for. */
function plansOf(wishes: readonly PipelineWish[], place: AccountRegion, pipelines: readonly string[], since: number): PipelinePlan[] {
  return pipelines.flatMap((pipeline) => {
    const asking = wishes.filter((wish) => matchesGlobs(wish.pipelines, pipeline));
    if (asking.length === 0) {
      return [];
    }
    const stages = asking.every((wish) => wish.stages) ? 'everybody' : asking.some((wish) => wish.stages) ? 'some' : 'nobody';
    return [{ place, pipeline, stages, since }];
  });
}

/** Executions of AWS CodePipeline, of every account and region that teams ask for. */
export class CodePipelineSource implements Source {
  readonly name = 'codepipeline';

  constructor(private readonly patience: AwsPatience = PATIENCE) {}

  isUsed(settings: Settings): boolean {
    return pipelineWishes(settings).length > 0;
  }

  async sync(context: SourceContext, signal: AbortSignal): Promise<void> {
    await inEachPlace(places(context.settings), (place) => syncPlace(context, this.name, place, signal, (pass) => this.pass(context, place, signal, pass)));
  }

  async check(context: SourceContext, signal: AbortSignal): Promise<HealthPart[]> {
    const { settings } = context;
    const wishes = pipelineWishes(settings);
    const parts = unknownAccountParts(unknownAccounts(settings, new Set(wishes.map(({ account }) => account))));
    const found: Array<{ account: string; pipeline: string }> = [];
    const ofPlaces = await checkPlaces(context, places(settings), 'CodePipeline', signal, (place, attempt) =>
      this.withReader(context, place, signal, async (reader) => {
        const pipelines = await reader.pipelines();
        const plans = plansOf(wishesAt(settings, place), place, pipelines, 0);
        found.push(...plans.map(({ pipeline }) => ({ account: place.account, pipeline })));
        // One pipeline tells of all: permissions to look into pipelines are seldom given one by one.
        const [any] = plans;
        const staged = plans.find(({ stages }) => stages !== 'nobody');
        await attempt(any && (() => reader.executions(any.pipeline, null, 1)));
        await attempt(staged && (() => reader.actions(staged.pipeline, null, 1)));
        return `${pipelines.length} pipelines, ${plans.length} of them chosen.`;
      })
    );
    parts.push(...ofPlaces);
    for (const team of new Set(wishes.map((wish) => wish.team))) {
      const own = wishes.filter((wish) => wish.team === team);
      const matched = found.filter(({ account, pipeline }) => own.some((wish) => (wish.account === null || wish.account === account) && matchesGlobs(wish.pipelines, pipeline)));
      parts.push(
        matched.length > 0
          ? { name: `Team ${team}: pipelines`, status: 'ok', message: `${matched.length} pipelines match.`, code: null }
          : { name: `Team ${team}: pipelines`, status: 'error', message: `No pipeline matches ${own.flatMap(({ pipelines }) => pipelines).join(', ')}.`, code: 'AWS_NO_PIPELINE_MATCHES' }
      );
    }
    return parts;
  }

  /** A place that cannot be asked does not keep the others from answering. */
  async search(context: SourceContext, what: 'repositories' | 'pipelines', text: string, limit: number, signal: AbortSignal): Promise<string[]> {
    if (what !== 'pipelines') {
      return [];
    }
    const found = new Set<string>();
    const failures: unknown[] = [];
    const asked = accountRegions(context.settings, new Set([null]));
    await inEachPlace(asked, async (place) => {
      try {
        for (const name of await this.withReader(context, place, signal, (reader) => reader.pipelines())) {
          if (name.toLowerCase().includes(text.toLowerCase())) {
            found.add(name);
          }
        }
      } catch (error) {
        signal.throwIfAborted();
        failures.push(awsFailure(error, place, 'codepipeline:ListPipelines'));
      }
    });
    if (asked.length > 0 && failures.length === asked.length) {
      throw failures[0];
    }
    return [...found].sort().slice(0, limit);
  }

  private withReader<Result>(context: SourceContext, place: AccountRegion, signal: AbortSignal, work: (reader: PipelineReader) => Promise<Result>): Promise<Result> {
    return withClient(CodePipelineClient, context, place, this.patience, (client) => work(new PipelineReader(client, place, signal)));
  }

  private async pass(context: SourceContext, place: AccountRegion, signal: AbortSignal, pass: PlacePass): Promise<void> {
    await this.withReader(context, place, signal, async (reader) => {
      const lookback = durationMs(context.settings.sync.lookback);
      const plans = plansOf(wishesAt(context.settings, place), place, await reader.pipelines(), context.now() - lookback);
      await noteWhatIsToCome(context, plans);
      await inParallel(plans, PIPELINES_AT_ONCE, async (plan) => {
        signal.throwIfAborted();
        try {
          await syncPipeline(plan, { reader, store: context.store, now: () => context.now(), fetched: pass.fetched });
        } catch (error) {
          pass.failed(named(error, plan.pipeline));
        }
      });
    });
  }
}

/** Pipelines of which nothing is stored yet: unknown is not the same as empty. */
async function noteWhatIsToCome({ store }: SourceContext, plans: readonly PipelinePlan[]): Promise<void> {
  const coverage = [];
  for (const { place, pipeline } of plans) {
    if ((await store.readState(pipelineStateKey(place, pipeline))) === undefined) {
      coverage.push(pipelineCoverage(place, pipeline, null, false));
    }
  }
  if (coverage.length > 0) {
    await store.write({ coverage });
  }
}

function named(error: unknown, pipeline: string): unknown {
  return error instanceof DoraError && error.code.startsWith('AWS_') ? new DoraError(error.code, `${error.message} (pipeline ${pipeline})`, { cause: error.cause }) : error;
}
