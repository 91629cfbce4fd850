import { AwsError, given, newestFirst, pageOf, pageSize, type Answered, type Call } from '../call';
import type { ActionExecution, Execution, Pipeline } from '../world';

/** AWS forgets executions and their actions after twelve months. */
const MEMORY_MS = 365 * 86_400_000;

export const codePipeline: Record<string, (call: Call) => Answered> = {
  ListPipelines(call) {
    const size = pageSize(call.input.maxResults, 'maxResults', 1_000);
    const { page, token } = pageOf(call, {
      operation: 'ListPipelines', tokenName: 'nextToken', refusal: 'InvalidNextTokenException', size, items: [...call.region.pipelines.values()], key: ({ name }) => name,
    });
    const pipelines = page.map((pipeline) => ({
      name: pipeline.name, version: pipeline.version, pipelineType: pipeline.type, executionMode: pipeline.mode, created: new Date(pipeline.createdAt), updated: new Date(pipeline.editedAt),
    }));
    return { output: given({ pipelines, nextToken: token }), items: pipelines.length };
  },

  ListPipelineExecutions(call) {
    const pipeline = pipelineOf(call);
    const size = pageSize(call.input.maxResults, 'maxResults', 100);
    const { page, token } = pageOf(call, {
      operation: 'ListPipelineExecutions', tokenName: 'nextToken', refusal: 'InvalidNextTokenException', size,
      items: pipeline.executions.filter((execution) => execution.startedAt > call.now - MEMORY_MS && passesFilter(execution, pipeline, call.input.filter)),
      key: ({ startedAt, id }) => newestFirst(startedAt, id),
    });
    return { output: given({ pipelineExecutionSummaries: page.map(summaryOf), nextToken: token }), items: page.length };
  },

  ListActionExecutions(call) {
    const pipeline = pipelineOf(call);
    const size = pageSize(call.input.maxResults, 'maxResults', 100);
    const filter = (call.input.filter ?? {}) as { pipelineExecutionId?: string; latestInPipelineExecution?: { pipelineExecutionId: string } };
    const only = filter.pipelineExecutionId ?? filter.latestInPipelineExecution?.pipelineExecutionId;
    if (only !== undefined && !pipeline.executions.some(({ id }) => id === only)) {
      throw new AwsError('PipelineExecutionNotFoundException', `No pipeline execution ${only} of ${pipeline.name}`);
    }
    const { page, token } = pageOf(call, {
      operation: 'ListActionExecutions', tokenName: 'nextToken', refusal: 'InvalidNextTokenException', size,
      items: pipeline.actions.filter((action) => action.startedAt > call.now - MEMORY_MS && (only === undefined || action.execution === only)),
      key: ({ startedAt, id }) => newestFirst(startedAt, id),
    });
    return { output: given({ actionExecutionDetails: page.map((action) => actionOf(action, pipeline)), nextToken: token }), items: page.length };
  },
};

function pipelineOf(call: Call): Pipeline {
  const name = call.input.pipelineName;
  if (typeof name !== 'string') {
    throw new AwsError('ValidationException', "1 validation error detected: Value null at 'pipelineName' failed to satisfy constraint: Member must not be null");
  }
  const pipeline = call.region.pipelines.get(name);
  if (!pipeline) {
    throw new AwsError('PipelineNotFoundException', `Account '${call.principal.account}' does not have a pipeline with name '${name}'`);
  }
  return pipeline;
}

/** The stage filter hides all that is older than the pipeline's last edit. */
function passesFilter(execution: Execution, pipeline: Pipeline, filter: unknown): boolean {
  const stage = (filter as { succeededInStage?: { stageName?: string } } | undefined)?.succeededInStage?.stageName;
  if (stage === undefined) {
    return true;
  }
  const actions = pipeline.actions.filter((action) => action.execution === execution.id && action.stage === stage);
  return execution.startedAt >= pipeline.editedAt && actions.length > 0 && actions.at(-1)!.status === 'Succeeded';
}

function summaryOf(execution: Execution): Record<string, unknown> {
  return given({
    pipelineExecutionId: execution.id,
    status: execution.status,
    statusSummary: execution.statusSummary,
    startTime: new Date(execution.startedAt),
    lastUpdateTime: new Date(execution.updatedAt),
    sourceRevisions: execution.revisions,
    trigger: execution.trigger ? { triggerType: execution.trigger.type, triggerDetail: execution.trigger.detail } : undefined,
    stopTrigger: execution.stopReason === null ? undefined : { reason: execution.stopReason },
    executionMode: execution.mode,
    executionType: execution.type,
    rollbackMetadata: execution.rollbackTarget === null ? undefined : { rollbackTargetPipelineExecutionId: execution.rollbackTarget },
  });
}

function actionOf(action: ActionExecution, pipeline: Pipeline): Record<string, unknown> {
  return given({
    pipelineExecutionId: action.execution,
    actionExecutionId: action.id,
    pipelineVersion: pipeline.version,
    stageName: action.stage,
    actionName: action.action,
    startTime: new Date(action.startedAt),
    lastUpdateTime: new Date(action.updatedAt),
    status: action.status,
    input: { actionTypeId: { category: action.category, owner: 'AWS', provider: action.provider, version: '1' }, configuration: {}, resolvedConfiguration: {}, inputArtifacts: [] },
    output: { outputArtifacts: [], outputVariables: {} },
  });
}
