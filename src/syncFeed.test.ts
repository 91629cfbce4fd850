import { LiveChannelConnectionState, LiveChannelEventType, type LiveChannelEvent } from '@grafana/data';
import { BehaviorSubject, Subject } from 'rxjs';
import type { SyncState } from './shared/resources';
import { askOnNews, isLive, watchSync } from './syncFeed';

const connection = new BehaviorSubject(false);
let channel = new Subject<LiveChannelEvent>();
const addresses: string[] = [];
let hasLive = true;

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual<object>('@grafana/runtime'),
  getGrafanaLiveSrv: () =>
    hasLive
      ? {
          getConnectionState: () => connection,
          getStream: ({ scope, path, ...rest }: { scope: string; path: string; stream?: string; namespace?: string }) => {
            addresses.push(`${scope}/${rest.stream ?? rest.namespace}/${path}`);
            return channel;
          },
        }
      : undefined,
}));

function message(sync?: SyncState): LiveChannelEvent {
  return { type: LiveChannelEventType.Message, message: { schema: { fields: [], meta: { custom: { sync } } }, data: { values: [] } } };
}

function status(error?: string): LiveChannelEvent {
  return { type: LiveChannelEventType.Status, id: 'x', timestamp: 0, state: LiveChannelConnectionState.Connected, error };
}

const RUNNING: SyncState = { running: true, revision: 4 };
const DONE: SyncState = { running: false, revision: 9 };

beforeEach(() => {
  jest.useFakeTimers();
  hasLive = true;
  connection.next(false);
  channel = new Subject();
  addresses.length = 0;
});
afterEach(() => jest.useRealTimers());

/** Lets promises settle and the clock go on. */
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('watchSync', () => {
  it('hears of changes from the channel of its own data source and asks nobody then', async () => {
    connection.next(true);
    const ask = jest.fn();
    const heard: SyncState[] = [];
    const subscription = watchSync('dora', ask).subscribe((state) => heard.push(state));
    expect(addresses).toEqual(['ds/dora/sync']);
    channel.next(status());
    channel.next(message());
    channel.next(message(RUNNING));
    channel.next(message(DONE));
    expect(heard).toEqual([RUNNING, DONE]);
    await pass(20_000);
    expect(ask).not.toHaveBeenCalled();
    subscription.unsubscribe();
    expect(channel.observed).toBe(false);
  });

  it.each([
    ['there is no Grafana Live', () => (hasLive = false)],
    ['the page is not connected to it', () => connection.next(false)],
  ])('asks again and again where %s, and goes on after a failure', async (_, prepare) => {
    prepare();
    const ask = jest.fn<Promise<SyncState>, []>().mockResolvedValueOnce(RUNNING).mockRejectedValueOnce(new Error('away')).mockResolvedValue(DONE);
    const heard: SyncState[] = [];
    const subscription = watchSync('dora', ask).subscribe((state) => heard.push(state));
    await pass(10_100);
    subscription.unsubscribe();
    expect(ask).toHaveBeenCalledTimes(3);
    expect(heard).toEqual([RUNNING, DONE]);
    await pass(20_000);
    expect(ask).toHaveBeenCalledTimes(3);
    expect(isLive()).toBe(false);
  });

  it('asks itself where the channel refuses, and listens as soon as the page is connected', async () => {
    const ask = jest.fn(() => Promise.resolve(RUNNING));
    const heard: SyncState[] = [];
    const subscription = watchSync('dora', ask).subscribe((state) => heard.push(state));
    await pass(10);
    expect(ask).toHaveBeenCalledTimes(1);
    connection.next(true);
    expect(isLive()).toBe(true);
    await pass(10_000);
    expect(ask).toHaveBeenCalledTimes(1);
    channel.next(status('permission denied'));
    await pass(10);
    expect(ask).toHaveBeenCalledTimes(2);
    subscription.unsubscribe();
  });
});

describe('askOnNews', () => {
  it('asks at once, after each message at most once a second, and now and then without one', async () => {
    connection.next(true);
    const ask = jest.fn(() => Promise.resolve('answer'));
    const heard: string[] = [];
    const subscription = askOnNews('dora', ask).subscribe((answer) => heard.push(answer));
    await pass(10);
    expect(heard).toEqual(['answer']);
    for (let count = 0; count < 5; count += 1) {
      channel.next(message(RUNNING));
    }
    await pass(1_100);
    expect(ask).toHaveBeenCalledTimes(2);
    await pass(14_500);
    expect(ask).toHaveBeenCalledTimes(3);
    subscription.unsubscribe();
  });
});
