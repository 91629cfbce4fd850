import { toDataFrame, type DataQueryResponse } from '@grafana/data';
import { NEVER, of, Subject, throwError } from 'rxjs';
import { followSync, followTable } from './followSync';
import type { SyncState } from './shared/resources';

function answer(value: number, sync?: SyncState): DataQueryResponse {
  return { data: [toDataFrame({ refId: 'A', fields: [{ name: 'Value', values: [value] }], meta: { custom: sync && { sync } } })] };
}

/** Follows, with answers one after another; what came, and whether it has ended. */
function follow(answers: DataQueryResponse[]) {
  const changes = new Subject<SyncState>();
  const clock = { now: 0 };
  const seen: Array<[number, string | undefined]> = [];
  const state = { asked: 0, ended: false };
  const subscription = followSync(() => of(answers[state.asked++]), changes, 'Q7', () => clock.now).subscribe({
    next: ({ data, key }) => seen.push([data[0].fields[0].values[0] as number, key]),
    complete: () => {
      state.ended = true;
    },
  });
  return { changes, clock, seen, state, subscription };
}

describe('followSync', () => {
  it('gives one answer and ends where no synchronisation is under way, and listens to nothing', () => {
    const { seen, state, changes } = follow([answer(1)]);
    expect(seen).toEqual([[1, 'Q7']]);
    expect(state.ended).toBe(true);
    expect(changes.observed).toBe(false);
  });

  it('answers anew once the synchronisation has ended, and then ends', () => {
    const { seen, state, changes } = follow([answer(1, { running: true, revision: 5 }), answer(2)]);
    expect(state.ended).toBe(false);
    changes.next({ running: true, revision: 6 });
    changes.next({ running: false, revision: 9 });
    expect(seen).toEqual([
      [1, 'Q7'],
      [2, 'Q7'],
    ]);
    expect(state.ended).toBe(true);
    expect(changes.observed).toBe(false);
  });

  it('does not ask again where nothing was stored meanwhile', () => {
    const { state, changes } = follow([answer(1, { running: true, revision: 5 })]);
    changes.next({ running: true, revision: 5 });
    changes.next({ running: false, revision: 5 });
    expect(state).toEqual({ asked: 1, ended: true });
  });

  it('asks at most each quarter of a minute while facts arrive, and always at the end', () => {
    const { state, changes, clock } = follow([1, 2, 3, 4].map((value) => answer(value, { running: true, revision: value * 10 })));
    for (clock.now = 1_000; clock.now <= 14_000; clock.now += 1_000) {
      changes.next({ running: true, revision: clock.now });
    }
    expect(state.asked).toBe(1);
    clock.now = 15_000;
    changes.next({ running: true, revision: 15_000 });
    expect(state.asked).toBe(2);
    clock.now = 16_000;
    changes.next({ running: false, revision: 16_000 });
    expect(state).toEqual({ asked: 3, ended: true });
  });

  it('stops with its subscriber', () => {
    const { changes, subscription } = follow([answer(1, { running: true, revision: 5 })]);
    expect(changes.observed).toBe(true);
    subscription.unsubscribe();
    expect(changes.observed).toBe(false);
  });

  it('passes an error on', () => {
    const failed = jest.fn();
    followSync(() => throwError(() => new Error('gone')), NEVER, 'Q').subscribe({ error: failed });
    expect(failed).toHaveBeenCalledTimes(1);
  });
});

describe('followTable', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function followed(first: DataQueryResponse) {
    const changes = new Subject<SyncState>();
    const state = { asked: 0, ended: false };
    const ask = () => {
      state.asked += 1;
      return of(state.asked === 1 ? first : answer(state.asked));
    };
    followTable(ask, changes, 'Q1').subscribe({ complete: () => (state.ended = true) });
    return { changes, state };
  }

  it('asks anew when a synchronisation begins that was not under way, and when it ends, and goes on', () => {
    const { changes, state } = followed(answer(1));
    changes.next({ running: false, revision: 0 });
    expect(state.asked).toBe(1);
    changes.next({ running: true, revision: 0 });
    expect(state.asked).toBe(2);
    jest.advanceTimersByTime(5_000);
    changes.next({ running: false, revision: 7 });
    expect(state).toEqual({ asked: 3, ended: false });
  });

  it('asks for what was stored before the first look', () => {
    const { changes, state } = followed(answer(1, { running: true, revision: 2 }));
    changes.next({ running: false, revision: 9 });
    expect(state.asked).toBe(2);
  });

  it('does not ask where nothing has changed, and each five seconds at most', () => {
    const { changes, state } = followed(answer(1, { running: true, revision: 2 }));
    changes.next({ running: true, revision: 2 });
    expect(state.asked).toBe(1);
    for (let revision = 3; revision < 20; revision += 1) {
      changes.next({ running: true, revision });
    }
    expect(state.asked).toBe(2);
    jest.advanceTimersByTime(5_000);
    expect(state.asked).toBe(3);
    jest.advanceTimersByTime(60_000);
    expect(state.asked).toBe(3);
  });
});
