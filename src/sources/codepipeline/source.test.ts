import { AwsBench, DAY, HOUR, MINUTE } from '../../../tests/support/aws';
import { Stopped, stoppingAfter } from '../../../tests/support/stores';
import type { PipelineBuilder, StageInput } from '../../../tests/doubles/aws/scenario';

const sha = (n: number): string => n.toString(16).padStart(40, '0');
const everything = { name: 'Payments', deployments: [{ from: 'codepipeline' as const }] };
const production = { name: 'Payments', deployments: [{ from: 'codepipeline' as const, stage: 'Production' }] };

/** So many executions, one an hour, newest an hour ago. */
function fill(pipeline: PipelineBuilder, count: number, now: number): void {
  for (let index = 1; index <= count; index += 1) {
    pipeline.execution({ at: now - index * HOUR, sources: [{ from: 'github-connection', repository: 'acme/api', sha: sha(index) }] });
  }
}

describe('CodePipeline source', () => {
  let bench: AwsBench;
  beforeEach(async () => {
    bench = await new AwsBench({ settings: { teams: [everything] } }).start();
  });
  afterEach(() => bench.close());

  const sync = (): Promise<void> => bench.sync(bench.codepipeline);
  const operations = (): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { operation } of bench.calls()) {
      counts[operation.split(':')[1]] = (counts[operation.split(':')[1]] ?? 0) + 1;
    }
    return counts;
  };

  describe('cost', () => {
    it('is one call per hundred executions at first, and one a pipeline when nothing is new', async () => {
      const region = bench.region();
      fill(region.pipeline('empty'), 0, bench.now);
      fill(region.pipeline('one'), 1, bench.now);
      fill(region.pipeline('hundred'), 100, bench.now);
      fill(region.pipeline('many'), 250, bench.now);
      await sync();
      expect(operations()).toEqual({ ListPipelines: 1, ListPipelineExecutions: 1 + 1 + 1 + 3 });
      const { deployments } = await bench.facts();
      expect(deployments).toHaveLength(351);
      bench.clock.advance(5 * MINUTE);
      await sync();
      expect(operations()).toEqual({ ListPipelines: 1, ListPipelineExecutions: 4 });
      expect((await bench.facts()).deployments).toEqual(deployments);
    });

    it('stays one call a pipeline for 1,001 pipelines, which are two pages of names', async () => {
      for (let index = 0; index < 1_001; index += 1) {
        bench.region().pipeline(`p-${index}`);
      }
      bench.settings = { teams: [{ name: 'Few', deployments: [{ from: 'codepipeline', pipelines: ['p-10*', '!p-100'] }] }] };
      await sync();
      // p-10, p-101 … p-109, p-1000.
      expect(operations()).toEqual({ ListPipelines: 2, ListPipelineExecutions: 11 });
    });

    it('adds one call per hundred action executions where a stage is asked for, and none when nothing is new', async () => {
      bench.settings = { teams: [production] };
      fill(bench.region().pipeline('api'), 250, bench.now);
      await sync();
      const first = operations();
      expect(first).toEqual({ ListPipelines: 1, ListPipelineExecutions: 3, ListActionExecutions: Math.ceil((250 * 3) / 100) });
      await sync();
      expect(operations()).toEqual({ ListPipelines: 1, ListPipelineExecutions: 1 });
      const { deployments } = await bench.facts();
      expect(deployments).toHaveLength(250);
      expect(deployments.every(({ stages }) => stages.map(({ name, outcome }) => `${name} ${outcome}`).join() === 'Source succeeded,Build succeeded,Production succeeded')).toBe(true);
    });

    it('reads one page more for one new execution, with one page of its actions', async () => {
      bench.settings = { teams: [production] };
      const pipeline = bench.region().pipeline('api');
      fill(pipeline, 250, bench.now);
      await sync();
      operations();
      bench.clock.advance(HOUR);
      pipeline.execution({ at: bench.now - 20 * MINUTE, sources: [{ from: 'github-connection', repository: 'acme/api', sha: sha(999) }] });
      await sync();
      expect(operations()).toEqual({ ListPipelines: 1, ListPipelineExecutions: 1, ListActionExecutions: 1 });
      expect((await bench.facts()).deployments).toHaveLength(251);
    });
  });

  describe('what becomes a deployment', () => {
    const read = async (): Promise<Array<[string, string, string | null]>> => (await bench.facts()).deployments.map(({ title, outcome, declared }) => [title, outcome, declared]);

    it('is what succeeded or failed, with rollbacks told apart; superseded, cancelled, stopped and running ones are none', async () => {
      const pipeline = bench.region().pipeline('api');
      const run = (hoursAgo: number, message: string, more: object): string =>
        pipeline.execution({ at: bench.now - hoursAgo * HOUR, sources: [{ from: 'github-connection', repository: 'acme/api', sha: sha(hoursAgo), message }], ...more }).id;
      const good = run(9, 'good', {});
      run(8, 'bad', { status: 'Failed' });
      run(7, 'manual', { rollbackOf: good });
      run(6, 'automated', { rollbackOf: good, trigger: 'AutomatedRollback' });
      run(5, 'superseded', { status: 'Superseded' });
      run(4, 'cancelled', { status: 'Cancelled' });
      run(3, 'stopped', { status: 'Stopped', stopReason: 'wrong branch' });
      run(2, 'stopping', { status: 'Stopping' });
      run(1, 'running', { status: 'InProgress' });
      await sync();
      expect(await read()).toEqual([
        ['good', 'succeeded', null],
        ['bad', 'failed', null],
        ['manual', 'succeeded', 'rollback'],
        ['automated', 'succeeded', 'rollback'],
      ]);
    });

    it('takes a running one when it has ended, even behind a page of newer ones', async () => {
      const pipeline = bench.region().pipeline('api', { mode: 'PARALLEL' });
      const slow = pipeline.execution({ at: bench.now - 200 * HOUR, status: 'InProgress', sources: [{ from: 'github-connection', repository: 'acme/api', sha: sha(500), message: 'slow' }] });
      fill(pipeline, 150, bench.now);
      await sync();
      expect((await read()).some(([title]) => title === 'slow')).toBe(false);
      bench.clock.advance(HOUR);
      pipeline.execution({ id: slow.id, at: slow.startedAt, updatedAt: bench.now - MINUTE, sources: [{ from: 'github-connection', repository: 'acme/api', sha: sha(500), message: 'slow' }] });
      await sync();
      const found = (await bench.facts()).deployments.find(({ title }) => title === 'slow');
      expect(found).toMatchObject({ outcome: 'succeeded', startedAt: slow.startedAt, finishedAt: bench.now - MINUTE });
      operations();
      await sync();
      expect(operations()).toEqual({ ListPipelines: 1, ListPipelineExecutions: 1 });
    });

    it('takes a failed one back while its stage is retried, and counts it anew', async () => {
      const pipeline = bench.region().pipeline('api');
      const failed = pipeline.execution({ at: bench.now - HOUR, status: 'Failed' });
      await sync();
      expect(await bench.facts()).toMatchObject({ deployments: [{ outcome: 'failed' }] });
      pipeline.execution({ id: failed.id, at: failed.startedAt, updatedAt: bench.now - 10 * MINUTE, status: 'InProgress' });
      await sync();
      expect((await bench.facts()).deployments).toEqual([]);
      pipeline.execution({ id: failed.id, at: failed.startedAt, updatedAt: bench.now - 5 * MINUTE, status: 'Succeeded' });
      await sync();
      expect(await bench.facts()).toMatchObject({ deployments: [{ outcome: 'succeeded', finishedAt: bench.now - 5 * MINUTE }] });
    });

    it('knows the repository of each kind of source', async () => {
      bench.region().pipeline('many').execution({
        at: bench.now - HOUR,
        sources: [
          { from: 'github-connection', repository: 'acme/api', sha: sha(1), message: 'Fix refunds (#7)\n\nSeen in oi-0123456789ab' },
          { from: 'github-v1', repository: 'acme/web', sha: sha(2), message: '{ "CommitMessage" is just text }' },
          { from: 'codecommit', repository: 'ledger', sha: sha(3), message: 'Round half up' },
          { from: 's3', bucket: 'artifacts', key: 'site.zip', version: 'L4b.X' },
          { from: 'ecr', repository: 'api', digest: `sha256:${'a'.repeat(64)}` },
        ],
      });
      await sync();
      const [deployment] = (await bench.facts()).deployments;
      expect(deployment.revisions).toEqual([
        { repository: null, repositoryName: 'acme/api', sha: sha(1) },
        { repository: null, repositoryName: 'acme/web', sha: sha(2) },
        { repository: null, repositoryName: 'ledger', sha: sha(3) },
        { repository: null, repositoryName: null, sha: null },
        { repository: null, repositoryName: null, sha: null },
      ]);
      expect(deployment.title).toBe('Fix refunds (#7)');
      expect(deployment.references).toEqual([{ relation: 'mentions', target: 'oi-0123456789ab' }]);
    });

    it('reads a commit message that AWS cut in the middle', async () => {
      bench.region().pipeline('api').execution({
        at: bench.now - HOUR, sources: [{ from: 'github-connection', repository: 'acme/api', sha: sha(1), message: `fix(oi-0123456789ab): "rounding"\n\n${'é\u0007 '.repeat(900)}` }],
      });
      await sync();
      const [deployment] = (await bench.facts()).deployments;
      expect(deployment.title).toBe('fix(oi-0123456789ab): "rounding"');
      expect(deployment.references).toEqual([{ relation: 'mentions', target: 'oi-0123456789ab' }]);
    });

    it('goes no further back than the lookback, nor than the twelve months that AWS keeps', async () => {
      const pipeline = bench.region().pipeline('api');
      for (const days of [10, 100, 300, 364, 400]) {
        pipeline.execution({ at: bench.now - days * DAY });
      }
      bench.settings.sync = { lookback: '30d' };
      await sync();
      // AWS answers whole pages: what it sent anyway is kept, what is promised is the lookback.
      expect((await bench.facts()).coverage).toMatchObject([{ from: bench.now - 30 * DAY, complete: true }]);
      bench.settings.sync = { lookback: '730d' };
      await sync();
      const { deployments, coverage } = await bench.facts();
      expect(deployments).toHaveLength(4);
      expect(coverage).toMatchObject([{ from: bench.now - 365 * DAY, complete: true }]);
    });
  });

  describe('stages', () => {
    const at = (minutes: number): number => bench.now - 5 * HOUR + minutes * MINUTE;
    const execute = (stages: StageInput[], status: 'Succeeded' | 'Failed' | 'Stopped' | 'InProgress' | 'Superseded' = 'Succeeded'): void => {
      bench.settings = { teams: [production] };
      bench.region().pipeline('api').execution({ at: at(0), updatedAt: at(90), status, stages });
    };
    const stage = async (): Promise<unknown> =>
      (await bench.facts()).deployments[0]?.stages.filter(({ name }) => name === 'Production').map(({ attempt, outcome, startedAt, finishedAt }) => [attempt, outcome, startedAt && (startedAt - at(0)) / MINUTE, finishedAt && (finishedAt - at(0)) / MINUTE]);
    const action = (name: string, from: number, to: number | null, status: 'Succeeded' | 'Failed' | 'Abandoned' | 'InProgress' = 'Succeeded', category: 'Deploy' | 'Approval' = 'Deploy') => ({
      name, startedAt: at(from), ...(to === null ? {} : { finishedAt: at(to) }), status, category,
    });

    it('lists each attempt of a stage whose failed actions are run again', async () => {
      execute([{ name: 'Production', actions: [action('A', 10, 12), action('B', 12, 14, 'Failed'), action('B', 30, 33, 'Failed'), action('B', 50, 54)] }]);
      await sync();
      expect(await stage()).toEqual([[1, 'failed', 10, 14], [2, 'failed', 30, 33], [3, 'succeeded', 50, 54]]);
    });

    it('gives an action that never ran before to the attempt that reached it', async () => {
      execute([{ name: 'Production', actions: [action('A', 10, 12, 'Failed'), action('A', 30, 33), action('B', 33, 40)] }]);
      await sync();
      expect(await stage()).toEqual([[1, 'failed', 10, 12], [2, 'succeeded', 30, 40]]);
    });

    it('starts after an approval, and a refused approval is no failure', async () => {
      execute([{ name: 'Production', actions: [action('Approve', 5, 60, 'Succeeded', 'Approval'), action('Deploy', 61, 70)] }]);
      await sync();
      expect(await stage()).toEqual([[1, 'succeeded', 61, 70]]);
      bench.region().pipeline('api').execution({ at: at(100), updatedAt: at(120), status: 'Failed', stages: [{ name: 'Production', actions: [action('Approve', 101, 119, 'Failed', 'Approval')] }] });
      await sync();
      expect((await bench.facts()).deployments[1].stages).toMatchObject([{ outcome: null }]);
    });

    it('counts a stage that ended, whatever became of the execution around it', async () => {
      execute([{ name: 'Production', actions: [action('Deploy', 10, 20)] }, { name: 'Smoke', actions: [action('Test', 21, 40, 'Abandoned')] }], 'Stopped');
      await sync();
      expect(await stage()).toEqual([[1, 'succeeded', 10, 20]]);
    });

    it('does not take a stage for done that was stopped between two actions', async () => {
      execute([{ name: 'Production', actions: [action('Approve', 5, 60, 'Succeeded', 'Approval')] }], 'Stopped');
      await sync();
      expect(await stage()).toBeUndefined();
    });

    it('counts a stage of a running execution as soon as the next one has begun', async () => {
      execute([{ name: 'Production', actions: [action('Deploy', 10, 20)] }, { name: 'Smoke', actions: [action('Test', 21, null, 'InProgress')] }], 'InProgress');
      await sync();
      expect(await stage()).toEqual([[1, 'succeeded', 10, 20]]);
    });

    it('does not report a stopped execution when somebody looks at the whole of it', async () => {
      execute([{ name: 'Production', actions: [action('Deploy', 10, 20)] }, { name: 'Smoke', actions: [action('Test', 21, 40, 'Abandoned')] }], 'Stopped');
      bench.settings = { teams: [production, { ...everything, name: 'Whole' }] };
      await sync();
      expect((await bench.facts()).deployments).toEqual([]);
    });

    it('reads the history again when a stage is asked for later', async () => {
      bench.settings = { teams: [everything] };
      fill(bench.region().pipeline('api'), 120, bench.now);
      await sync();
      expect((await bench.facts()).deployments.every(({ stages }) => stages.length === 0)).toBe(true);
      bench.settings = { teams: [production] };
      await sync();
      expect((await bench.facts()).deployments.every(({ stages }) => stages.length === 3)).toBe(true);
    });
  });

  describe.each([['whole executions', everything], ['stages', production]])('a stopped pass over %s', (_, team) => {
    it.each([1, 2, 3, 4, 5])('goes on where it ended (stopped after %i writes)', async (writes) => {
      bench.settings = { teams: [team] };
      const pipeline = bench.region().pipeline('api');
      fill(pipeline, 450, bench.now);
      const reference = bench.newStore();
      await bench.sync(bench.codepipeline, reference);
      const whole = operations();
      await expect(bench.sync(bench.codepipeline, stoppingAfter(bench.store, writes))).rejects.toThrow(Stopped);
      const before = operations();
      await sync();
      const after = operations();
      expect(await bench.facts()).toEqual(await bench.facts(reference));
      // The page under way at the stop is read again, and there is one look for news; nothing else twice.
      expect(before.ListPipelineExecutions + (after.ListPipelineExecutions ?? 0)).toBeLessThanOrEqual(whole.ListPipelineExecutions + 2);
      expect((before.ListActionExecutions ?? 0) + (after.ListActionExecutions ?? 0)).toBeLessThanOrEqual((whole.ListActionExecutions ?? 0) + 4);
    });

    it('begins anew when AWS has forgotten the place', async () => {
      bench.settings = { teams: [team] };
      fill(bench.region().pipeline('api'), 450, bench.now);
      await expect(bench.sync(bench.codepipeline, stoppingAfter(bench.store, 3))).rejects.toThrow(Stopped);
      bench.double.tokens.expireAll();
      await sync();
      expect((await bench.facts()).deployments).toHaveLength(450);
      expect((await bench.facts()).coverage).toMatchObject([{ complete: true }]);
      expect(bench.latest()).toMatchObject({ 'default/us-east-1': { phase: 'done', error: null } });
    });

    it('takes what began between the stop and the next pass', async () => {
      bench.settings = { teams: [team] };
      const pipeline = bench.region().pipeline('api');
      fill(pipeline, 250, bench.now);
      await expect(bench.sync(bench.codepipeline, stoppingAfter(bench.store, 2))).rejects.toThrow(Stopped);
      bench.clock.advance(2 * HOUR);
      pipeline.execution({ at: bench.now - HOUR });
      await sync();
      expect((await bench.facts()).deployments).toHaveLength(251);
    });
  });

  it('says that pipelines of which nothing is read yet are unknown, not empty', async () => {
    fill(bench.region().pipeline('a'), 1, bench.now);
    fill(bench.region().pipeline('b'), 1, bench.now);
    bench.double.faults.add({ when: { operation: 'codepipeline:ListPipelineExecutions', pipeline: 'b' }, then: { error: { code: 'AccessDeniedException', message: 'User: x is not authorized to perform: codepipeline:ListPipelineExecutions on b' } } });
    await sync();
    expect((await bench.facts()).coverage).toMatchObject([
      { scope: 'default:us-east-1:a', complete: true },
      { scope: 'default:us-east-1:b', from: null, complete: false },
    ]);
    expect(bench.latest()['default/us-east-1']).toMatchObject({ phase: 'failed', error: { code: 'AWS_ACCESS_DENIED', message: expect.stringContaining('codepipeline:ListPipelineExecutions') as string } });
  });

  it('goes on when a pipeline is deleted between the list and its turn', async () => {
    fill(bench.region().pipeline('a'), 1, bench.now);
    fill(bench.region().pipeline('b'), 1, bench.now);
    bench.double.faults.add({ when: { operation: 'codepipeline:ListPipelineExecutions', pipeline: 'a' }, then: { error: { code: 'PipelineNotFoundException' } } });
    await sync();
    expect(bench.latest()['default/us-east-1']).toMatchObject({ phase: 'done', error: null });
    expect((await bench.facts()).coverage.every(({ complete }) => complete)).toBe(true);
  });

  // The SDK hands on what it gets. Found by fuzzing.
  it.each([
    ['a number for a text', { sourceRevisions: [{ revisionId: 5, revisionSummary: 7 }] }],
    ['a text for a list', { sourceRevisions: 'none' }],
    ['a moment beyond all dates', { lastUpdateTime: 1e300 }],
    ['an object for a text', { pipelineExecutionId: { toString: 1 } }],
  ])('says that an answer cannot be read which has %s, and reads the other pipelines', async (_, wrong) => {
    fill(bench.region().pipeline('a'), 1, bench.now);
    fill(bench.region().pipeline('b'), 1, bench.now);
    const execution = { pipelineExecutionId: 'e', status: 'Succeeded', startTime: bench.now / 1_000, lastUpdateTime: bench.now / 1_000, ...wrong };
    const fault = bench.double.faults.add({ when: { operation: 'codepipeline:ListPipelineExecutions', pipeline: 'a' }, then: { body: JSON.stringify({ pipelineExecutionSummaries: [execution] }) } });
    await sync();
    expect(bench.latest()['default/us-east-1']).toMatchObject({ phase: 'failed', error: { code: 'AWS_ANSWER_UNEXPECTED' } });
    expect((await bench.facts()).deployments.map(({ pipeline }) => pipeline)).toEqual(['b']);
    bench.double.faults.remove(fault);
    await sync();
    expect((await bench.facts()).deployments.map(({ pipeline }) => pipeline).sort()).toEqual(['a', 'b']);
  });

  it('finds names for the editor', async () => {
    for (const name of ['payments-api', 'payments-web', 'search']) {
      bench.region().pipeline(name);
    }
    const signal = new AbortController().signal;
    expect(await bench.codepipeline.search(bench.context(), 'pipelines', 'PAY', 10, signal)).toEqual(['payments-api', 'payments-web']);
    expect(await bench.codepipeline.search(bench.context(), 'pipelines', '', 1, signal)).toEqual(['payments-api']);
    expect(await bench.codepipeline.search(bench.context(), 'repositories', '', 10, signal)).toEqual([]);
  });
});
