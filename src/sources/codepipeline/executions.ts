import {
  type ActionExecutionDetail,
  type CodePipelineClient,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  ListPipelinesCommand,
  type PipelineExecutionSummary,
} from '@aws-sdk/client-codepipeline';
import type { Instant } from '../../engine/model';

/** AWS's own limits of a page. */
const PIPELINES_A_PAGE = 1_000;
const EXECUTIONS_A_PAGE = 100;
const ACTIONS_A_PAGE = 100;

export interface Page<Item> {
  items: Item[];
  /** Null on the last page. */
  next: string | null;
}

/** Names of all pipelines of an account's region. */
export async function listPipelines(client: CodePipelineClient, signal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  let nextToken: string | undefined;
  do {
    const answer = await client.send(new ListPipelinesCommand({ maxResults: PIPELINES_A_PAGE, nextToken }), { abortSignal: signal });
    names.push(...(answer.pipelines ?? []).flatMap(({ name }) => (name ? [name] : [])));
    nextToken = answer.nextToken;
  } while (nextToken);
  return names;
}

/** One page of a pipeline's executions, newest first. */
export async function executionsPage(client: CodePipelineClient, pipeline: string, token: string | null, signal: AbortSignal): Promise<Page<PipelineExecutionSummary>> {
  const answer = await client.send(
    new ListPipelineExecutionsCommand({ pipelineName: pipeline, maxResults: EXECUTIONS_A_PAGE, nextToken: token ?? undefined }),
    { abortSignal: signal }
  );
  return { items: answer.pipelineExecutionSummaries ?? [], next: answer.nextToken ?? null };
}

/**
 * Action executions of one pipeline, read newest first only as far back as somebody asks: an execution's actions start
 * after the execution does, so a page that begins earlier ends the search. One call per 100 actions, never one per execution.
 */
export class ActionTrail {
  private readonly byExecution = new Map<string, ActionExecutionDetail[]>();
  private token: string | null = null;
  private reached = Infinity;
  private ended = false;

  constructor(
    private readonly client: CodePipelineClient,
    private readonly pipeline: string,
    private readonly signal: AbortSignal
  ) {}

  /** Reads on until every action that started at or after `since` is known. */
  async readBackTo(since: Instant): Promise<void> {
    while (!this.ended && this.reached >= since) {
      const answer = await this.client.send(
        new ListActionExecutionsCommand({ pipelineName: this.pipeline, maxResults: ACTIONS_A_PAGE, nextToken: this.token ?? undefined }),
        { abortSignal: this.signal }
      );
      for (const action of answer.actionExecutionDetails ?? []) {
        const id = action.pipelineExecutionId ?? '';
        const known = this.byExecution.get(id);
        if (known) {
          known.push(action);
        } else {
          this.byExecution.set(id, [action]);
        }
        this.reached = Math.min(this.reached, action.startTime?.getTime() ?? Infinity);
      }
      this.token = answer.nextToken ?? null;
      this.ended = this.token === null;
    }
  }

  actionsOf(execution: string): readonly ActionExecutionDetail[] {
    return this.byExecution.get(execution) ?? [];
  }
}
