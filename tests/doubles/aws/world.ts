import type { Instant } from '../shared/clock';

export type ExecutionStatus = 'Cancelled' | 'InProgress' | 'Stopped' | 'Stopping' | 'Succeeded' | 'Superseded' | 'Failed';
export type ActionStatus = 'InProgress' | 'Abandoned' | 'Succeeded' | 'Failed';
export type TriggerType =
  'CreatePipeline' | 'StartPipelineExecution' | 'PollForSourceChanges' | 'Webhook' | 'CloudWatchEvent' | 'PutActionRevision' | 'WebhookV2' | 'ManualRollback' | 'AutomatedRollback';

/** What a source action took, as AWS gives it. */
export interface SourceRevision {
  actionName: string;
  revisionId?: string;
  revisionSummary?: string;
  revisionUrl?: string;
}

export interface ActionExecution {
  id: string;
  execution: string;
  stage: string;
  action: string;
  status: ActionStatus;
  startedAt: Instant;
  updatedAt: Instant;
  category: 'Source' | 'Build' | 'Deploy' | 'Test' | 'Invoke' | 'Approval' | 'Compute';
  provider: string;
}

export interface Execution {
  id: string;
  status: ExecutionStatus;
  statusSummary: string | null;
  startedAt: Instant;
  updatedAt: Instant;
  revisions: SourceRevision[];
  trigger: { type: TriggerType; detail: string } | null;
  stopReason: string | null;
  mode: 'QUEUED' | 'SUPERSEDED' | 'PARALLEL';
  type: 'STANDARD' | 'ROLLBACK';
  rollbackTarget: string | null;
}

export interface Pipeline {
  name: string;
  version: number;
  type: 'V1' | 'V2';
  mode: Execution['mode'];
  createdAt: Instant;
  /** The stage filter of ListPipelineExecutions knows nothing from before the last edit. */
  editedAt: Instant;
  executions: Execution[];
  actions: ActionExecution[];
}

export interface OpsItem {
  id: string;
  title: string;
  source: string;
  status: string;
  severity: string | null;
  category: string | null;
  type: string | null;
  priority: number | null;
  createdBy: string;
  createdAt: Instant;
  modifiedBy: string;
  modifiedAt: Instant;
  data: Record<string, { value: string; searchable: boolean }>;
}

export interface Metric {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  unit: string;
  points: Array<{ at: Instant; sum: number; count: number; min: number; max: number }>;
}

/** What one account has in one region. */
export class Region {
  readonly pipelines = new Map<string, Pipeline>();
  readonly opsItems = new Map<string, OpsItem>();
  readonly metrics = new Map<string, Metric>();

  constructor(
    readonly account: string,
    readonly name: string
  ) {}

  metric(namespace: string, name: string, dimensions: Record<string, string>): Metric | undefined {
    return this.metrics.get(metricKey(namespace, name, dimensions));
  }

  addPoint(namespace: string, name: string, dimensions: Record<string, string>, unit: string, point: Metric['points'][number]): void {
    const key = metricKey(namespace, name, dimensions);
    const metric = this.metrics.get(key) ?? { namespace, name, dimensions, unit, points: [] };
    metric.points.push(point);
    this.metrics.set(key, metric);
  }
}

function metricKey(namespace: string, name: string, dimensions: Record<string, string>): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** All accounts of this AWS. */
export class World {
  private readonly regions = new Map<string, Region>();

  region(account: string, name: string): Region {
    const key = `${account}/${name}`;
    let region = this.regions.get(key);
    if (!region) {
      region = new Region(account, name);
      this.regions.set(key, region);
    }
    return region;
  }

  list(): Region[] {
    return [...this.regions.values()];
  }
}
