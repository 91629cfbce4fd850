import { setTimeout as delay } from 'node:timers/promises';
import { LoopWatch } from './loop-delay';

describe('the watch over the event loop', () => {
  it('tells the longest hold since it was last asked', async () => {
    const watch = new LoopWatch();
    expect(watch.sinceLast()).toBeNull();
    await delay(60);
    const end = performance.now() + 150;
    while (performance.now() < end);
    await delay(60);
    const held = watch.sinceLast()!;
    expect(held.longest).toBeGreaterThan(0.1);
    expect(held.longest).toBeGreaterThanOrEqual(held.p99 * 0.99);
    expect(held.longest).toBeGreaterThanOrEqual(held.mean);
    await delay(60);
    expect(watch.sinceLast()!.longest).toBeLessThan(held.longest);
  });
});
