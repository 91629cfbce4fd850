import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { DataSourceStore } from '../../store/store';
import { SqliteStore } from '../../store/sqlite/store';
import { EventIntake, resolvedSince } from './intake';
import { isSignedBy } from './signature';

const long = process.env.DORA_LONG === '1';
const DAY = Date.parse('2026-03-02T00:00:00Z');
const at = (minute: number): string => new Date(DAY + minute * 60_000).toISOString();

async function facts(store: DataSourceStore): Promise<unknown> {
  const all: Record<string, Array<{ id: string }>> = {};
  for await (const batch of store.load(0)) {
    for (const [kind, list] of Object.entries(batch)) {
      (all[kind] ??= []).push(...(list as Array<{ id: string }>));
    }
  }
  return Object.fromEntries(Object.entries(all).map(([kind, list]) => [kind, list.sort((a, b) => a.id.localeCompare(b.id))]));
}

function execution(id: string, state: string, minute: number, pipeline = 'shop') {
  return {
    version: '0',
    id: `event-${id}-${minute}`,
    'detail-type': 'CodePipeline Pipeline Execution State Change',
    source: 'aws.codepipeline',
    account: '123456789012',
    time: at(minute),
    region: 'eu-central-1',
    resources: [],
    detail: { pipeline, 'execution-id': id, state, version: 1 },
  };
}

function opsItem(id: string, status: string, minute: number, kind: 'Create' | 'Update' = 'Update') {
  return {
    version: '0',
    id: `event-${id}-${minute}`,
    'detail-type': `OpsItem ${kind}`,
    source: 'aws.ssm',
    account: '123456789012',
    time: at(minute),
    region: 'eu-central-1',
    resources: [],
    detail: { 'ops-item-id': id, status, title: 'Checkout is slow', source: 'CloudWatch', 'created-time': at(0), severity: '2' },
  };
}

describe('pushed events', () => {
  let store: DataSourceStore;
  let intake: EventIntake;

  beforeEach(() => {
    store = new SqliteStore(null).dataSource('1/a');
    intake = new EventIntake(store);
  });

  it('keeps a deployment of any tool', async () => {
    await intake.deployment({ id: 'd1', service: 'shop', sha: 'ABCDEF1', status: 'succeeded', startedAt: at(0), finishedAt: at(5), environment: 'production', repository: 'acme/shop', url: 'https://ci.example/1' });
    expect(await store.read('deployments', 'events:d1')).toMatchObject({
      outcome: 'succeeded',
      startedAt: DAY,
      finishedAt: DAY + 300_000,
      service: 'shop',
      environment: 'production',
      revisions: [{ repository: null, repositoryName: 'acme/shop', sha: 'abcdef1' }],
      url: 'https://ci.example/1',
    });
  });

  it('resolves an incident by a later event of the same id that tells only that', async () => {
    await intake.incident({ id: 'i1', service: 'shop', title: 'Down', openedAt: at(0), severity: 1 });
    await intake.incident({ id: 'i1', resolvedAt: at(42) });
    expect(await store.read('incidents', 'events:i1')).toMatchObject({ title: 'Down', openedAt: DAY, resolvedAt: DAY + 42 * 60_000, resolvedBy: 'given', severity: '1' });
  });

  it('keeps a resolution that comes before the opening', async () => {
    await intake.incident({ id: 'i1', resolvedAt: at(42) });
    expect(await store.read('incidents', 'events:i1')).toBeNull();
    await intake.incident({ id: 'i1', service: 'shop', title: 'Down', openedAt: at(0) });
    expect(await store.read('incidents', 'events:i1')).toMatchObject({ openedAt: DAY, resolvedAt: DAY + 42 * 60_000 });
  });

  it.each([
    [{}, 'id'],
    [{ id: 'x', service: 's', status: 'success', finishedAt: at(0) }, 'status'],
    [{ id: 'x', service: 's', status: 'failed', finishedAt: 'yesterday' }, 'finishedAt'],
    [{ id: 'x', service: 's', status: 'failed', finishedAt: '0000-01-01T00:00:00Z' }, 'finishedAt'],
    [{ id: 'x', service: 's', status: 'failed', finishedAt: 1_772_450_400 }, 'finishedAt'],
    [{ id: 'x'.repeat(251), service: 's', status: 'failed', finishedAt: at(0) }, 'id'],
    [{ id: 'x', service: 's', status: 'failed', finishedAt: at(0), sha: 'HEAD' }, 'sha'],
    [{ id: 'x', service: 's', status: 'failed', finishedAt: at(0), url: 'javascript:alert(1)' }, 'url'],
    [[], 'body'],
    ['text', 'body'],
  ])('names the field of a wrong deployment %#', async (body, field) => {
    await expect((async () => intake.deployment(body))()).rejects.toMatchObject({ code: 'BODY_INVALID', field });
    expect(await facts(store)).toEqual({});
  });

  it('takes a pipeline execution, and forgets it while a failed one is resumed', async () => {
    await intake.aws(execution('e1', 'STARTED', 0));
    expect(await store.read('deployments', 'codepipeline:e1')).toBeNull();
    await intake.aws(execution('e1', 'FAILED', 3));
    expect(await store.read('deployments', 'codepipeline:e1')).toMatchObject({ outcome: 'failed', pipeline: 'shop', region: 'eu-central-1' });
    await intake.aws(execution('e1', 'RESUMED', 4));
    expect(await store.read('deployments', 'codepipeline:e1')).toBeNull();
    expect(await intake.aws(execution('e1', 'SUCCEEDED', 9))).toBe('codepipeline');
    expect(await store.read('deployments', 'codepipeline:e1')).toMatchObject({ outcome: 'succeeded', finishedAt: DAY + 9 * 60_000 });
  });

  it('leaves revisions alone that a poll has brought', async () => {
    await intake.aws(execution('e1', 'SUCCEEDED', 5));
    const event = await store.read('deployments', 'codepipeline:e1');
    const polled = { ...event!, account: 'tooling', revisions: [{ repository: null, repositoryName: 'acme/shop', sha: 'a'.repeat(40) }] };
    await store.write({ deployments: [polled] });
    await intake.aws(execution('e1', 'SUCCEEDED', 5));
    await intake.aws(execution('e1', 'STARTED', 1));
    expect(await store.read('deployments', 'codepipeline:e1')).toEqual(polled);
  });

  it('tells the end of an OpsItem by its first event with an ended status after the last open one', async () => {
    // Open at 0, resolved at 10, opened again at 20, resolved at 30, closed at 40: the end is at 30.
    for (const [status, minute] of [['Resolved', 10], ['Open', 20], ['Resolved', 30], ['Closed', 40]] as const) {
      await intake.aws(opsItem('oi-0123456789ab', status, minute));
    }
    await intake.aws(opsItem('oi-0123456789ab', 'Open', 0, 'Create'));
    expect(await store.read('incidents', 'opsitems:oi-0123456789ab')).toMatchObject({ openedAt: DAY, resolvedAt: DAY + 30 * 60_000, resolvedBy: 'resolved-event' });
    expect(resolvedSince([[1, true], [2, false]])).toBeNull();
  });

  it('gives the same facts whatever the order and repeats of events', async () => {
    const pool: Array<{ kind: 'deployment' | 'incident' | 'aws'; body: object }> = [];
    for (let index = 0; index < (long ? 1_200 : 40); index += 1) {
      pool.push({ kind: 'deployment', body: { id: `d${index}`, service: 'shop', status: 'failed', finishedAt: at(index) } });
      pool.push({ kind: 'deployment', body: { id: `d${index}`, service: 'shop', status: 'succeeded', finishedAt: at(index + (index % 2)) } });
      pool.push({ kind: 'incident', body: { id: `i${index}`, title: 'Down', service: 'shop', openedAt: at(index) } });
      pool.push({ kind: 'incident', body: { id: `i${index}`, resolvedAt: at(index + 7), title: index % 3 ? 'Down again' : null } });
      pool.push(...['STARTED', 'FAILED', 'RESUMED', 'SUCCEEDED'].map((state, step) => ({ kind: 'aws' as const, body: execution(`e${index}`, state, index + step) })));
      const id = `oi-${index.toString(16).padStart(12, '0')}`;
      pool.push({ kind: 'aws', body: opsItem(id, 'Open', index, 'Create') }, { kind: 'aws', body: opsItem(id, 'Resolved', index + 5) }, { kind: 'aws', body: opsItem(id, 'Resolved', index + 9) });
    }
    const apply = async (events: typeof pool): Promise<unknown> => {
      const fresh = new SqliteStore(null).dataSource('1/a');
      const into = new EventIntake(fresh);
      for (const { kind, body } of events) {
        await into[kind](body);
      }
      return facts(fresh);
    };
    const expected = await apply(pool);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...pool, ...pool.filter((_, index) => index % 3 === 0)], { minLength: pool.length + Math.ceil(pool.length / 3) }), async (events) => {
        expect(await apply(events)).toEqual(expected);
      }),
      { numRuns: long ? 3 : 8, seed: 7 }
    );
  });
});

describe('events that reach several processes on one store', () => {
  it('lose nothing when they arrive at the same moment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dora-events-'));
    const stores = [new SqliteStore(folder), new SqliteStore(folder)];
    const [one, other] = stores.map((store) => new EventIntake(store.dataSource('1/a')));
    const ids = Array.from({ length: 40 }, (_, index) => `i${index}`);
    await Promise.all(
      ids.flatMap((id, index) => {
        const item = `oi-${index.toString(16).padStart(12, '0')}`;
        return [
          one.incident({ id, title: 'Down', openedAt: at(1) }),
          other.incident({ id, resolvedAt: at(9) }),
          one.aws(execution(id, 'FAILED', 3)),
          other.aws(execution(id, 'SUCCEEDED', 5)),
          one.aws(opsItem(item, 'Open', 0, 'Create')),
          other.aws(opsItem(item, 'Resolved', 9)),
        ];
      }),
    );
    const all = (await facts(stores[0].dataSource('1/a'))) as { incidents: Array<{ id: string; resolvedAt: number | null }>; deployments: Array<{ outcome: string; startedAt: number }> };
    expect(all.incidents).toHaveLength(80);
    expect(all.incidents.filter(({ resolvedAt }) => resolvedAt !== DAY + 9 * 60_000)).toEqual([]);
    expect(all.deployments.map(({ outcome, startedAt }) => [outcome, startedAt])).toEqual(ids.map(() => ['succeeded', DAY + 3 * 60_000]));
    await Promise.all(stores.map((store) => store.close()));
    rmSync(folder, { recursive: true });
  });
});

describe('signatures', () => {
  const body = Buffer.from('{"zen":"Keep it logically awesome."}');
  const signed = (secret: string): string => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

  it('accepts the secret that signed the body and nothing else', () => {
    expect(isSignedBy('right', body, signed('right'))).toBe(true);
    expect(isSignedBy('right', body, signed('wrong'))).toBe(false);
    expect(isSignedBy('right', Buffer.concat([body, Buffer.from(' ')]), signed('right'))).toBe(false);
    for (const malformed of ['', 'sha256=', 'sha1=abc', signed('right').slice(0, -1), `${signed('right')}0`]) {
      expect(isSignedBy('right', body, malformed)).toBe(false);
    }
  });
});
