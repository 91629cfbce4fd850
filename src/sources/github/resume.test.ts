import { acme, afterEachWrite, closeBenches, GitHubBench, lasting, NOW, RELEASES, Stopped, stoppingAfter, WHOLE } from '../../../tests/support/github';
import { GitHubSource } from './github-source';

jest.setTimeout(120_000);
afterEach(closeBenches);

/** A bench with the organisation, and the facts of a pass that nothing disturbed. */
async function bench(settings = RELEASES): Promise<{ bench: GitHubBench; undisturbed: Awaited<ReturnType<GitHubBench['facts']>> }> {
  const made = await prepare(settings);
  await made.sync();
  const undisturbed = await made.facts();
  made.double.journal.clear();
  return { bench: made, undisturbed };
}

async function prepare(settings = RELEASES): Promise<GitHubBench> {
  const made = new GitHubBench({ settings });
  acme(made);
  return made.start();
}

test('stopped after any page, a pass goes on where it was: equal store, no finished page twice', async () => {
  const { bench: made, undisturbed } = await bench();
  let stops = 0;
  for (let writes = 1; ; writes += 1) {
    const store = made.newStore();
    made.double.journal.clear();
    made.clock.set(NOW, false);
    const stopping = new AbortController();
    let left = writes;
    const stoppable = afterEachWrite(store, () => {
      left -= 1;
      if (left === 0) {
        stopping.abort(new Stopped());
      }
    });
    const whole = await made.sync(stopping.signal, stoppable).then(() => true, () => false);
    made.source = new GitHubSource();
    await made.sync(undefined, store);
    expect(await made.facts(store)).toEqual(undisturbed);
    expect(made.double.journal.summary().repeatedPages).toEqual([]);
    if (whole) {
      break;
    }
    stops += 1;
  }
  expect(stops).toBeGreaterThan(8);
});

test('a write that fails loses only its own page', async () => {
  const { bench: made, undisturbed } = await bench();
  for (const writes of [0, 1, 2, 3, 5, 8]) {
    const store = made.newStore();
    await made.sync(undefined, stoppingAfter(store, writes)).catch(() => undefined);
    made.source = new GitHubSource();
    await made.sync(undefined, store);
    expect(await made.facts(store)).toEqual(undisturbed);
  }
});

test('stopped again and again, with new pull requests and edits meanwhile, nothing is lost', async () => {
  const made = await prepare(WHOLE);
  for (let stop = 0; stop < 12; stop += 1) {
    const stopping = new AbortController();
    let left = 4;
    const stoppable = afterEachWrite(made.store, () => {
      left -= 1;
      if (left === 0) {
        stopping.abort(new Stopped());
      }
    });
    await made.sync(stopping.signal, stoppable).catch(() => undefined);
    made.source = new GitHubSource();
    made.clock.advance(3_600_000);
    const steps = [{ pullRequest: { title: `Meanwhile ${stop}`, mergedAt: made.clock.now() - 60_000, openedAt: made.clock.now() - 120_000, labels: ['late'] } }, { edit: { number: 10 + stop, labels: ['edited'] } }];
    const answer = await fetch(`${made.double.url}/_control/facts`, { method: 'POST', body: JSON.stringify({ repository: 'acme/api', steps }) });
    expect(answer.status).toBe(200);
  }
  await made.sync();
  const fresh = made.newStore();
  await made.sync(undefined, fresh);
  const [resumed, whole] = [await made.facts(), await made.facts(fresh)];
  expect(resumed.pullRequests).toEqual(whole.pullRequests);
  expect(resumed.commits).toEqual(whole.commits);
  expect(resumed.deployments).toEqual(whole.deployments);
  expect(resumed.pullRequests.filter((pull) => pull.labels.includes('edited')).length).toBe(12);
});

test('a refused cursor begins again from the top and ends with the same facts', async () => {
  const { bench: made, undisturbed } = await bench(WHOLE);
  for (const [connection, nth] of [['pullRequests', 2], ['history', 1]] as const) {
    const store = made.newStore();
    made.double.faults.set([{ when: { connection, after: 'some', nth }, then: { cursorRefused: true } }]);
    await made.sync(undefined, store);
    expect(made.double.faults.list()[0]).toMatchObject({ struck: 1 });
    expect(lasting(await made.facts(store))).toEqual(lasting(undisturbed));
  }
});
