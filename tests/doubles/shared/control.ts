import type { Clock, Instant } from './clock';
import type { FaultPlan, PlannedFault, Striking } from './faults';
import type { Journal } from './journal';

export interface ControlAnswer {
  status: number;
  body: unknown;
}

/** One request to steer a double; its body is parsed. */
export interface ControlRequest {
  /** Such as `GET /_journal`. */
  route: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
}

/** What every double can be steered by. */
export interface Steered<When extends Striking, Effect, Target extends { now: Instant }, Entry extends { index: number }, Summary> {
  journal: Journal<Entry, Summary>;
  faults: FaultPlan<When, Effect, Target>;
  clock: Clock;
  latencyMs: number;
}

export const ok = (body: unknown): ControlAnswer => ({ status: 200, body });
export const notThere = (what: string): ControlAnswer => ({ status: 404, body: { message: `no ${what}` } });

export function isControl(path: string): boolean {
  return path === '/_journal' || path.startsWith('/_control');
}

/**
 * Answers what every double can be asked; what is its own it answers by `own`, null for what it does not know. Nothing
 * here needs credentials, and nothing is counted.
 *
 * - `GET /_journal` requests and their sums (`?summary` sums only), `DELETE /_journal`
 * - `GET|POST|DELETE /_control/faults` (`POST` a fault or a list of them, `DELETE ?id=`)
 * - `GET|POST /_control/clock` `{ now?, running?, advanceMs? }`
 * - `POST /_control/latency` `{ ms }`
 */
export function control<When extends Striking, Effect, Target extends { now: Instant }, Entry extends { index: number }, Summary>(
  double: Steered<When, Effect, Target, Entry, Summary>,
  method: string,
  path: string,
  query: URLSearchParams,
  text: string,
  own: (request: ControlRequest) => ControlAnswer | null
): ControlAnswer {
  const route = `${method} ${path}`;
  try {
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    return common(double, { route, query, body }) ?? own({ route, query, body }) ?? notThere(`control ${route}`);
  } catch (error) {
    return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
  }
}

function common<When extends Striking, Effect, Target extends { now: Instant }, Entry extends { index: number }, Summary>(
  double: Steered<When, Effect, Target, Entry, Summary>,
  { route, query, body }: ControlRequest
): ControlAnswer | null {
  const { journal, faults, clock } = double;
  switch (route) {
    case 'GET /_journal':
      return ok(query.has('summary') ? journal.summary() : { summary: journal.summary(), requests: journal.list() });
    case 'DELETE /_journal':
      journal.clear();
      return ok({});
    case 'GET /_control/faults':
      return ok(faults.list());
    case 'POST /_control/faults':
      return ok({ ids: [body].flat().map((fault) => faults.add(fault as unknown as PlannedFault<When, Effect>)) });
    case 'DELETE /_control/faults': {
      const id = query.get('id');
      if (id === null) {
        faults.clear();
        return ok({});
      }
      return faults.remove(id) ? ok({}) : notThere(`fault ${id}`);
    }
    case 'GET /_control/clock':
      return ok({ now: new Date(clock.now()).toISOString() });
    case 'POST /_control/clock':
      if (body.now !== undefined) {
        clock.set(body.now as string | number, body.running as boolean | undefined);
      }
      clock.advance(Number(body.advanceMs ?? 0));
      return ok({ now: new Date(clock.now()).toISOString() });
    case 'POST /_control/latency':
      double.latencyMs = Number(body.ms);
      return ok({});
    default:
      return null;
  }
}
