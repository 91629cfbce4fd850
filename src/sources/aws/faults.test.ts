import { AwsBench, HOUR, IMPATIENT } from '../../../tests/support/aws';
import { DEFAULT_KEY } from '../../../tests/doubles/aws/identities';
import { DoraError } from '../../shared/errors';
import { targets } from '../targets';

const long = process.env.DORA_LONG === '1';

describe('AWS sources under faults', () => {
  let bench: AwsBench;
  const open = async (double: ConstructorParameters<typeof AwsBench>[0] = {}): Promise<AwsBench> => {
    bench = await new AwsBench({
      settings: {
        accounts: [{ name: 'default', regions: ['us-east-1', 'eu-west-1'] }],
        teams: [{ name: 'Payments', deployments: [{ from: 'codepipeline', stage: 'Production' }], incidents: [{ from: 'opsitems' }] }],
      },
      ...double,
    }).start();
    for (const name of ['us-east-1', 'eu-west-1']) {
      const region = bench.region(name);
      for (const pipeline of ['api', 'web']) {
        for (let index = 1; index <= 120; index += 1) {
          region.pipeline(pipeline).execution({ at: bench.now - index * HOUR, status: index % 7 === 0 ? 'Failed' : 'Succeeded' });
        }
      }
      for (let index = 1; index <= 60; index += 1) {
        region.opsItem({ title: `Item ${index}`, createdAt: bench.now - index * HOUR });
      }
    }
    return bench;
  };
  afterEach(() => bench.close());

  const syncBoth = async (): Promise<void> => {
    await bench.sync(bench.codepipeline);
    await bench.sync(bench.opscenter);
  };
  const expectWhole = async (): Promise<void> => {
    const { deployments, incidents } = await bench.facts();
    expect(new Set(deployments.map(({ id }) => id)).size).toBe(480);
    expect(deployments).toHaveLength(480);
    expect(incidents).toHaveLength(120);
  };

  it('rides out throttling', async () => {
    await open();
    bench.double.faults.add({ when: { nth: [2, 5, 9, 14, 20] }, then: { error: { code: 'ThrottlingException' } } });
    await syncBoth();
    await expectWhole();
    expect(Object.values(bench.latest()).every(({ phase }) => phase === 'done')).toBe(true);
  });

  it('calls nobody when the name of the endpoint leads to where machines keep their credentials', async () => {
    await open();
    const resolved = jest.spyOn(targets, 'assertResolved').mockRejectedValue(new DoraError('TARGET_FORBIDDEN', 'endpoint: leads there.', { field: 'endpoint' }));
    try {
      await syncBoth();
      expect(Object.values(bench.latest())).toMatchObject([{ error: { code: 'TARGET_FORBIDDEN' } }, { error: { code: 'TARGET_FORBIDDEN' } }]);
      expect(resolved).toHaveBeenCalledWith(bench.double.url, 'endpoint');
      expect(bench.double.journal.list()).toEqual([]);
    } finally {
      resolved.mockRestore();
    }
  });

  it('says that it was throttled when a storm does not end, keeps what it has and goes on there', async () => {
    await open({ patience: IMPATIENT });
    const storm = bench.double.faults.add({ when: { operation: 'codepipeline:List*Executions', region: 'eu-west-1', page: 'later' }, then: { error: { code: 'ThrottlingException' } } });
    await syncBoth();
    const failures = bench.reports.filter(({ phase }) => phase === 'failed');
    expect(failures).toMatchObject([{ scope: 'default/eu-west-1', error: { code: 'AWS_THROTTLED' } }]);
    bench.double.faults.remove(storm);
    await syncBoth();
    await expectWhole();
  });

  it('reads the other regions when one is denied, and says which', async () => {
    await open();
    bench.double.identities.deny(DEFAULT_KEY.accessKeyId, [{ action: '*', region: 'eu-west-1' }]);
    await bench.sync(bench.codepipeline);
    expect(bench.latest()).toMatchObject({
      'default/us-east-1': { phase: 'done', error: null },
      'default/eu-west-1': { phase: 'failed', error: { code: 'AWS_ACCESS_DENIED', message: 'default/eu-west-1: codepipeline:ListPipelines: the permission codepipeline:ListPipelines is missing.' } },
    });
    expect((await bench.facts()).deployments).toHaveLength(240);
    bench.double.identities.deny(DEFAULT_KEY.accessKeyId, []);
    await syncBoth();
    await expectWhole();
  });

  it.each([['never answers', 'never'], ['ends the connection', 'before-headers'], ['ends in the middle of an answer', 'mid-body']] as const)('reads the other regions when one %s', async (_, cut) => {
    await open({ patience: IMPATIENT });
    const fault = bench.double.faults.add({ when: { region: 'eu-west-1' }, then: { cut } });
    await syncBoth();
    expect(bench.latest()['default/us-east-1']).toMatchObject({ phase: 'done' });
    expect(bench.latest()['default/eu-west-1']).toMatchObject({ phase: 'failed', error: { code: 'AWS_UNREACHABLE' } });
    bench.double.faults.remove(fault);
    await syncBoth();
    await expectWhole();
  });

  it.each([
    ['InternalFailure', 500, 'AWS_UNAVAILABLE'],
    ['ServiceUnavailable', 503, 'AWS_UNAVAILABLE'],
  ])('calls %s what it is', async (code, status, expected) => {
    await open();
    bench.double.faults.add({ when: { operation: 'ssm:*' }, then: { error: { code, status } } });
    await bench.sync(bench.opscenter);
    expect(bench.latest()['default/us-east-1']).toMatchObject({ phase: 'failed', error: { code: expected } });
  });

  it('calls an answer that no client can read what it is', async () => {
    await open();
    bench.double.faults.add({ when: { operation: 'ssm:*' }, then: { body: '<html>Welcome to the hotel network</html>' } });
    await bench.sync(bench.opscenter);
    expect(bench.latest()['default/us-east-1']).toMatchObject({ phase: 'failed', error: { code: 'AWS_ANSWER_UNEXPECTED' } });
  });

  it("corrects signatures when this machine's clock is wrong", async () => {
    await open({ double: { signatureWindowMs: 5 * 60_000 } });
    bench.clock.advance(2 * HOUR);
    await syncBoth();
    await expectWhole();
    expect(Object.values(bench.latest()).every(({ phase }) => phase === 'done')).toBe(true);
  });

  it('stops at once when it is told to', async () => {
    await open();
    bench.double.latencyMs = 50;
    const stop = new AbortController();
    const stopped = bench.sync(bench.codepipeline, bench.store, stop.signal);
    setTimeout(() => stop.abort(), 120);
    const began = performance.now();
    await expect(stopped).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(1_500);
    bench.double.latencyMs = 0;
    await syncBoth();
    await expectWhole();
  });

  it.each(Array.from({ length: long ? 25 : 3 }, (_, index) => index + 1))('has every fact once after passes with faults at random (seed %i)', async (seed) => {
    await open({ patience: IMPATIENT });
    bench.double.faults.add({ when: { probability: 0.08, seed }, then: { error: { code: 'ThrottlingException' } } });
    bench.double.faults.add({ when: { probability: 0.08, seed: seed + 100 }, then: { cut: 'before-headers' } });
    bench.double.faults.add({ when: { probability: 0.05, seed: seed + 200 }, then: { tokenRefused: true } });
    bench.double.faults.add({ when: { probability: 0.05, seed: seed + 300 }, then: { error: { code: 'InternalFailure', status: 500 } } });
    for (let pass = 0; pass < 3; pass += 1) {
      await syncBoth();
    }
    bench.double.faults.clear();
    await syncBoth();
    await expectWhole();
    expect((await bench.facts()).coverage.every(({ complete }) => complete)).toBe(true);
  });
});
