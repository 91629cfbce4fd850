import {
  type CodePipelineClient,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  ListPipelinesCommand,
  type PipelineExecutionSummary,
} from '@aws-sdk/client-codepipeline';
import type { AccountRegion } from '../aws/accounts';
import { callAws } from '../aws/clients';
import { type ActionRun, runOf } from './stages';

/** AWS's own limits of a page. */
const PIPELINES_A_PAGE = 1_000;
const EXECUTIONS_A_PAGE = 100;
const ACTIONS_A_PAGE = 100;

export interface Page<Item> {
  items: Item[];
  /** Null on the last page. */
  next: string | null;
}

/** CodePipeline of one account's region. Every method throws a DoraError with a code AWS_… */
export class PipelineReader {
  constructor(
    private readonly client: CodePipelineClient,
    private readonly place: AccountRegion,
    private readonly signal: AbortSignal
  ) {}

  /** Names of all pipelines. */
  async pipelines(): Promise<string[]> {
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const answer = await callAws(this.place, 'codepipeline:ListPipelines', this.signal, () =>
        this.client.send(new ListPipelinesCommand({ maxResults: PIPELINES_A_PAGE, nextToken }), { abortSignal: this.signal })
      );
      names.push(...(answer.pipelines ?? []).flatMap(({ name }) => (name ? [name] : [])));
      nextToken = answer.nextToken;
    } while (nextToken);
    return names;
  }

  /** One page of a pipeline's executions, newest first. */
  async executions(pipelineName: string, token: string | null, size = EXECUTIONS_A_PAGE): Promise<Page<PipelineExecutionSummary>> {
    const answer = await callAws(this.place, 'codepipeline:ListPipelineExecutions', this.signal, () =>
      this.client.send(new ListPipelineExecutionsCommand({ pipelineName, maxResults: size, nextToken: token ?? undefined }), { abortSignal: this.signal })
    );
    return { items: answer.pipelineExecutionSummaries ?? [], next: answer.nextToken ?? null };
  }

  /** One page of the runs of a pipeline's actions, newest first. */
  async actions(pipelineName: string, token: string | null, size = ACTIONS_A_PAGE): Promise<Page<ActionRun>> {
    const answer = await callAws(this.place, 'codepipeline:ListActionExecutions', this.signal, () =>
      this.client.send(new ListActionExecutionsCommand({ pipelineName, maxResults: size, nextToken: token ?? undefined }), { abortSignal: this.signal })
    );
    return { items: (answer.actionExecutionDetails ?? []).flatMap((action) => runOf(action) ?? []), next: answer.nextToken ?? null };
  }
}
