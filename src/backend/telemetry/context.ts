import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** What work is done for: one call of Grafana, or one pass of the synchronisation. */
export interface WorkContext {
  /** In each log line of that work. */
  fields: Readonly<Record<string, string>>;
  /** Of the tracer; absent without one. */
  span?: unknown;
}

const storage = new AsyncLocalStorage<WorkContext | undefined>();

export function within<Result>(context: WorkContext, work: () => Result): Result {
  return storage.run(context, work);
}

/** For what a call sets off and does not wait for: it is not that call's work. */
export function outside<Result>(work: () => Result): Result {
  return storage.run(undefined, work);
}

export function currentWork(): WorkContext | undefined {
  return storage.getStore();
}

/** Tells log lines of one piece of work from those of another. */
export function newId(): string {
  return randomBytes(8).toString('hex');
}
