import { createHash } from 'node:crypto';
import { instant, type Instant } from '../shared/clock';
import type { ActionExecution, ActionStatus, Execution, ExecutionStatus, OpsItem, Pipeline, SourceRevision, TriggerType } from './world';
import { World, type Region } from './world';

/** A small, readable way to build what an AWS knows: pipelines with their executions and stages, and OpsItems. */
export type When = string | Instant;

const MINUTE = 60_000;

/** What a source action took, as the kinds of sources give it. */
export type SourceInput =
  | { from: 'github-connection'; repository: string; sha: string; message?: string; action?: string; /** AWS cuts summaries at 2,048 characters. */ provider?: string }
  | { from: 'github-v1'; repository: string; sha: string; message?: string; action?: string }
  | { from: 'codecommit'; repository: string; sha: string; message?: string; action?: string; region?: string }
  | { from: 's3'; bucket: string; key: string; version: string; action?: string }
  | { from: 'ecr'; repository: string; digest: string; action?: string };

export interface ActionInput {
  name?: string;
  startedAt: When;
  /** Missing: still running. */
  finishedAt?: When;
  status?: ActionStatus;
  category?: ActionExecution['category'];
  provider?: string;
}

export interface StageInput {
  name: string;
  /** One entry a run of an action, a retried one several times. */
  actions: ActionInput[];
}

export interface ExecutionInput {
  id?: string;
  at: When;
  /** Default: twelve minutes after the start. */
  updatedAt?: When;
  status?: ExecutionStatus;
  sources?: SourceInput[];
  trigger?: TriggerType;
  triggerDetail?: string;
  /** Id of the execution that this one goes back to. */
  rollbackOf?: string;
  stopReason?: string;
  /** Default: the stages that the pipeline was made with, one action each, over the execution's time. */
  stages?: StageInput[];
}

export interface PipelineInput {
  stages?: string[];
  createdAt?: When;
  editedAt?: When;
  mode?: Execution['mode'];
  type?: 'V1' | 'V2';
  sources?: SourceInput[];
}

export interface OpsItemInput {
  id?: string;
  title: string;
  createdAt: When;
  modifiedAt?: When;
  source?: string;
  status?: string;
  severity?: string;
  category?: string;
  type?: string;
  priority?: number;
  /** Searchable OperationalData. */
  data?: Record<string, string>;
  /** OperationalData that may not be searched: AWS lists it nowhere. */
  hiddenData?: Record<string, string>;
}

export interface AccountSpec {
  account: string;
  region: string;
  pipelines?: Array<PipelineInput & { name: string; executions?: ExecutionInput[] }>;
  opsItems?: OpsItemInput[];
}

/** AWS tells no less than milliseconds, and lists are paged by them. */
function moment(when: When): Instant {
  return Math.round(instant(when));
}

export class AwsScenario {
  constructor(readonly world: World = new World()) {}

  region(account: string, name = 'us-east-1'): RegionBuilder {
    return new RegionBuilder(this.world.region(account, name));
  }
}

/** From a scenario file or a control request. */
export function buildAccounts(world: World, accounts: readonly AccountSpec[]): void {
  const scenario = new AwsScenario(world);
  for (const { account, region: name, pipelines = [], opsItems = [] } of accounts) {
    const region = scenario.region(account, name);
    for (const { name: pipelineName, executions = [], ...input } of pipelines) {
      const pipeline = region.pipeline(pipelineName, input);
      executions.forEach((execution) => pipeline.execution(execution));
    }
    opsItems.forEach((item) => region.opsItem(item));
  }
}

export class RegionBuilder {
  constructor(readonly region: Region) {}

  pipeline(name: string, input: PipelineInput = {}): PipelineBuilder {
    let pipeline = this.region.pipelines.get(name);
    if (!pipeline) {
      const createdAt = moment(input.createdAt ?? '2024-01-01T00:00:00Z');
      pipeline = {
        name, version: 1, type: input.type ?? 'V2', mode: input.mode ?? 'SUPERSEDED', createdAt, editedAt: moment(input.editedAt ?? createdAt), executions: [], actions: [],
      };
      this.region.pipelines.set(name, pipeline);
    }
    return new PipelineBuilder(this.region, pipeline, input);
  }

  opsItem(input: OpsItemInput): OpsItem {
    const createdAt = moment(input.createdAt);
    const id = input.id ?? `oi-${hash(`${this.region.account} ${this.region.name} ${createdAt} ${input.title} ${this.region.opsItems.size}`).slice(0, 12)}`;
    const known = this.region.opsItems.get(id);
    const person = `arn:aws:sts::${this.region.account}:assumed-role/operations/on-call`;
    const entries = (data: Record<string, string> | undefined, searchable: boolean): OpsItem['data'] =>
      Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, { value, searchable }]));
    const item: OpsItem = {
      id, title: input.title, source: input.source ?? known?.source ?? 'CloudWatch', status: input.status ?? 'Open', severity: input.severity ?? null, category: input.category ?? null,
      type: input.type ?? '/aws/issue', priority: input.priority ?? null, createdBy: person, createdAt, modifiedBy: person, modifiedAt: moment(input.modifiedAt ?? createdAt),
      data: { ...known?.data, ...entries(input.data, true), ...entries(input.hiddenData, false) },
    };
    this.region.opsItems.set(id, item);
    return item;
  }
}

export class PipelineBuilder {
  constructor(
    private readonly region: Region,
    readonly pipeline: Pipeline,
    private readonly defaults: PipelineInput
  ) {}

  /** An execution; one of the same id is replaced, as when it goes on. */
  execution(input: ExecutionInput): Execution {
    const { pipeline } = this;
    const startedAt = moment(input.at);
    const status = input.status ?? 'Succeeded';
    const updatedAt = moment(input.updatedAt ?? startedAt + 12 * MINUTE);
    const id = input.id ?? uuid(`${this.region.account} ${this.region.name} ${pipeline.name} ${startedAt} ${pipeline.executions.length}`);
    const isRollback = input.rollbackOf !== undefined;
    const type: TriggerType = input.trigger ?? (isRollback ? 'ManualRollback' : 'WebhookV2');
    const execution: Execution = {
      id, status, statusSummary: null, startedAt, updatedAt, revisions: (input.sources ?? this.defaults.sources ?? []).map((source) => revision(source, this.region.name)),
      trigger: { type, detail: input.triggerDetail ?? (isRollback ? `arn:aws:iam::${this.region.account}:user/on-call` : '') },
      stopReason: input.stopReason ?? null, mode: pipeline.mode, type: isRollback ? 'ROLLBACK' : 'STANDARD', rollbackTarget: input.rollbackOf ?? null,
    };
    const known = pipeline.executions.findIndex((other) => other.id === id);
    if (known >= 0) {
      pipeline.executions[known] = execution;
      pipeline.actions = pipeline.actions.filter((action) => action.execution !== id);
    } else {
      pipeline.executions.push(execution);
    }
    const stages = input.stages ?? stagesOver(this.defaults.stages ?? ['Source', 'Build', 'Production'], startedAt, updatedAt, status);
    for (const stage of stages) {
      for (const action of stage.actions) {
        pipeline.actions.push(actionOf(id, stage.name, action, `${id} ${stage.name} ${pipeline.actions.length}`));
      }
    }
    return execution;
  }

  edit(at: When): this {
    this.pipeline.editedAt = moment(at);
    this.pipeline.version += 1;
    return this;
  }
}

/** One action a stage, evenly over the time; the last one has the execution's outcome. */
function stagesOver(names: readonly string[], from: Instant, to: Instant, status: ExecutionStatus): StageInput[] {
  const ended = { Succeeded: 'Succeeded', Failed: 'Failed', InProgress: 'InProgress', Stopping: 'InProgress', Stopped: 'Abandoned', Cancelled: 'Abandoned', Superseded: 'Succeeded' } as const;
  // What is superseded waits between two stages and never reaches the last one.
  const reached = status === 'Superseded' || status === 'Cancelled' ? names.slice(0, Math.max(1, names.length - 1)) : names;
  const step = (to - from) / reached.length;
  return reached.map((name, index) => {
    const isLast = index === reached.length - 1;
    const outcome = isLast ? ended[status] : 'Succeeded';
    return {
      name,
      actions: [
        {
          startedAt: Math.round(from + index * step), ...(outcome === 'InProgress' ? {} : { finishedAt: isLast ? to : Math.round(from + (index + 1) * step) }), status: outcome,
          category: name === 'Source' ? 'Source' : name === 'Build' ? 'Build' : 'Deploy',
        },
      ],
    };
  });
}

function actionOf(execution: string, stage: string, input: ActionInput, seed: string): ActionExecution {
  const startedAt = moment(input.startedAt);
  const category = input.category ?? 'Deploy';
  const providers = { Source: 'CodeStarSourceConnection', Build: 'CodeBuild', Deploy: 'CodeDeploy', Test: 'CodeBuild', Invoke: 'Lambda', Approval: 'Manual', Compute: 'Commands' } as const;
  return {
    id: uuid(seed), execution, stage, action: input.name ?? stage, status: input.status ?? (input.finishedAt === undefined ? 'InProgress' : 'Succeeded'), startedAt,
    updatedAt: moment(input.finishedAt ?? startedAt), category, provider: input.provider ?? providers[category],
  };
}

/** As AWS fills a source revision for each kind of source. */
export function revision(source: SourceInput, region = 'us-east-1'): SourceRevision {
  const cut = (text: string): string => text.slice(0, 2_048);
  const summary = (text: string | undefined): { revisionSummary?: string } => (text === undefined || text === '' ? {} : { revisionSummary: cut(text) });
  const actionName = source.action ?? 'Source';
  switch (source.from) {
    case 'github-connection':
      return {
        actionName, revisionId: source.sha, revisionSummary: cut(JSON.stringify({ ProviderType: source.provider ?? 'GitHub', CommitMessage: source.message ?? 'Update' })),
        revisionUrl: `https://${region}.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=arn:aws:codestar-connections:${region}:111111111111:connection/00000000-0000-4000-8000-000000000000&referenceType=COMMIT&FullRepositoryId=${source.repository}&Commit=${source.sha}`,
      };
    case 'github-v1':
      return { actionName, revisionId: source.sha, ...summary(source.message ?? 'Update'), revisionUrl: `https://github.com/${source.repository}/commit/${source.sha}` };
    case 'codecommit':
      return {
        actionName, revisionId: source.sha, ...summary(source.message ?? 'Update'),
        revisionUrl: `https://${source.region ?? region}.console.aws.amazon.com/codecommit/home#/repository/${source.repository}/commit/${source.sha}`,
      };
    case 's3':
      return {
        actionName, revisionId: source.version, revisionSummary: `Amazon S3 version id: ${source.version}`,
        revisionUrl: `https://console.aws.amazon.com/s3/home?region=${region}#&bucket=${source.bucket}&prefix=${source.key}`,
      };
    case 'ecr':
      return { actionName, revisionId: source.digest, revisionUrl: `https://console.aws.amazon.com/ecs/home?region=${region}#/repositories/${source.repository}` };
  }
}

const hash = (text: string): string => createHash('sha1').update(text).digest('hex');

/** Equal text, equal id. */
export function uuid(text: string): string {
  const digits = hash(text);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
