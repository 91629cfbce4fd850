import type { FactBatch } from '../../src/engine/model';
import type { DataSourceStore, JsonValue } from '../../src/store/store';

/** A store that stops with an error after so many writes of facts, as a killed process would. */
export function stoppingAfter(store: DataSourceStore, writes: number): DataSourceStore {
  let left = writes;
  const write = async (batch: FactBatch, state?: Record<string, JsonValue>): Promise<number> => {
    if (left <= 0) {
      throw new Stopped();
    }
    left -= 1;
    return store.write(batch, state);
  };
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = name === 'write' ? write : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

export class Stopped extends Error {
  constructor() {
    super('stopped');
    this.name = 'Stopped';
  }
}
