import type { Fault } from './faults';
import type { Denial, KeySpec, RoleSpec } from './identities';
import { buildAccounts, type AccountSpec } from './scenario';
import type { AwsDouble } from './server';

export interface ControlAnswer {
  status: number;
  body: unknown;
}

/**
 * What tests and the playground steer the double with; no credentials needed, and never counted.
 *
 * - `GET /_journal` requests and their sums (`?summary` sums only), `DELETE /_journal`
 * - `GET|POST|DELETE /_control/faults` (`POST` a fault or a list of them, `DELETE ?id=`)
 * - `GET|POST /_control/clock` `{ now?, running?, advanceMs? }`
 * - `POST /_control/facts` `{ accounts }` adds pipelines, executions and OpsItems, or changes those of the same id
 * - `POST /_control/identities` `{ keys?, roles?, deny?: { who, denied }, revoke?, expireSessions? }`
 * - `POST /_control/tokens` `{ lifetimeMs?, expire? }`
 * - `POST /_control/latency` `{ ms }`
 * - `GET /_control/world` what there is
 * - `GET /_control/defects` where the double itself said what AWS could not say
 */
export function control(double: AwsDouble, method: string, path: string, query: URLSearchParams, text: string): ControlAnswer {
  try {
    return route(double, method, path, query, text === '' ? {} : (JSON.parse(text) as Record<string, unknown>));
  } catch (error) {
    return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
  }
}

function route(double: AwsDouble, method: string, path: string, query: URLSearchParams, body: Record<string, unknown>): ControlAnswer {
  const ok = (answer: unknown): ControlAnswer => ({ status: 200, body: answer });
  switch (`${method} ${path}`) {
    case 'GET /_journal':
      return ok(query.has('summary') ? double.journal.summary() : { summary: double.journal.summary(), requests: double.journal.list() });
    case 'DELETE /_journal':
      double.journal.clear();
      return ok({});
    case 'GET /_control/faults':
      return ok(double.faults.list());
    case 'POST /_control/faults':
      return ok({ ids: (Array.isArray(body) ? (body as Fault[]) : [body as unknown as Fault]).map((fault) => double.faults.add(fault)) });
    case 'DELETE /_control/faults': {
      const id = query.get('id');
      if (id === null) {
        double.faults.clear();
        return ok({});
      }
      return double.faults.remove(id) ? ok({}) : { status: 404, body: { message: `no fault ${id}` } };
    }
    case 'GET /_control/clock':
      return ok({ now: new Date(double.clock.now()).toISOString() });
    case 'POST /_control/clock':
      if (body.now !== undefined) {
        double.clock.set(body.now as string | number, body.running as boolean | undefined);
      }
      double.clock.advance(Number(body.advanceMs ?? 0));
      return ok({ now: new Date(double.clock.now()).toISOString() });
    case 'POST /_control/facts':
      buildAccounts(double.world, body.accounts as AccountSpec[]);
      return ok({});
    case 'POST /_control/identities': {
      for (const key of (body.keys ?? []) as KeySpec[]) {
        double.identities.addKey(key);
      }
      for (const role of (body.roles ?? []) as RoleSpec[]) {
        double.identities.addRole(role);
      }
      const denial = body.deny as { who: string; denied: Denial[] } | undefined;
      const known = denial === undefined || double.identities.deny(denial.who, denial.denied);
      const revoked = body.revoke === undefined || double.identities.revoke(String(body.revoke));
      if (body.expireSessions === true) {
        double.identities.expireSessions(double.clock.now());
      }
      return known && revoked ? ok({}) : { status: 404, body: { message: 'no such key or role' } };
    }
    case 'POST /_control/tokens':
      if (body.lifetimeMs !== undefined) {
        double.tokens.setLifetime(Number(body.lifetimeMs));
      }
      if (body.expire === true) {
        double.tokens.expireAll();
      }
      return ok({});
    case 'POST /_control/latency':
      double.latencyMs = Number(body.ms);
      return ok({});
    case 'GET /_control/defects':
      return ok({ defects: double.defects });
    case 'GET /_control/world':
      return ok(
        double.world.list().map((region) => ({
          account: region.account, region: region.name, opsItems: region.opsItems.size, metrics: region.metrics.size,
          pipelines: [...region.pipelines.values()].map(({ name, executions, actions }) => ({ name, executions: executions.length, actions: actions.length })),
        }))
      );
    default:
      return { status: 404, body: { message: `no control ${method} ${path}` } };
  }
}
