import type { TokenSpec } from './access';
import type { Fault } from './faults';
import type { Resource } from './limits';
import type { GitHubDouble } from './server';
import { apply, buildOrganisations, type OrganisationSpec, type Step } from './steps';
import { webhooksOf } from './webhooks';

export interface ControlAnswer {
  status: number;
  body: unknown;
}

/**
 * What tests and the playground steer the double with; no token needed, and never counted.
 *
 * - `GET /_journal` requests and their sums (`?summary` sums only), `DELETE /_journal`
 * - `GET|POST|DELETE /_control/faults` (`POST` a fault or a list of them, `DELETE ?id=`)
 * - `GET|POST /_control/clock` `{ now?, running?, advanceMs? }`
 * - `POST /_control/facts` `{ repository, steps }` or `{ organisations }`
 * - `GET|POST /_control/tokens` `{ token, …}` adds or changes one; `{ token, revoked: true }` revokes it
 * - `POST /_control/limits` `{ token, resource, remaining, resetInSeconds? }`
 * - `POST /_control/latency` `{ ms }`
 * - `GET /_control/world` what there is
 * - `GET /_control/webhooks?repository=owner/name` what GitHub would have sent of it
 */
export function control(double: GitHubDouble, method: string, path: string, query: URLSearchParams, text: string): ControlAnswer {
  try {
    return route(double, method, path, query, text === '' ? {} : (JSON.parse(text) as Record<string, unknown>));
  } catch (error) {
    return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
  }
}

function route(double: GitHubDouble, method: string, path: string, query: URLSearchParams, body: Record<string, unknown>): ControlAnswer {
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
        double.faults.set([]);
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
      if (body.organisations !== undefined) {
        buildOrganisations(double.world, body.organisations as OrganisationSpec[], double.clock.now());
        return ok({});
      }
      return ok({ results: apply(double.world, String(body.repository), body.steps as Step[], double.clock.now()) });
    case 'GET /_control/tokens':
      return ok(double.tokens.list());
    case 'POST /_control/tokens': {
      const spec = body as unknown as TokenSpec;
      if (!double.tokens.change(spec.token, spec)) {
        double.tokens.add(spec);
      }
      return ok({});
    }
    case 'POST /_control/limits': {
      const spec = double.tokens.list().find((one) => one.token === body.token);
      const identity = { token: spec?.token ?? null, limit: spec?.limit ?? double.limits.options.hourly ?? 5_000 };
      double.limits.leave(identity, body.resource as Resource, Number(body.remaining), double.clock.now(), body.resetInSeconds as number | undefined);
      return ok({});
    }
    case 'POST /_control/latency':
      double.latencyMs = Number(body.ms);
      return ok({});
    case 'GET /_control/webhooks': {
      const [owner = '', name = ''] = (query.get('repository') ?? '').split('/');
      const repository = double.world.findRepository(owner, name);
      return repository ? ok(webhooksOf(repository)) : { status: 404, body: { message: `no repository ${owner}/${name}` } };
    }
    case 'GET /_control/world':
      return ok(
        [...double.world.repositories.values()].map((repository) => ({
          repository: repository.fullName, formerNames: repository.formerNames, state: repository.state, defaultBranch: repository.defaultBranch,
          pullRequests: repository.content.pulls.size, merged: [...repository.content.pulls.values()].filter((pull) => pull.state === 'MERGED').length,
          commits: repository.content.commits.size, releases: repository.content.releases.length, runs: repository.content.runs.size, deployments: repository.content.deployments.length,
          issues: repository.content.issues.size,
        }))
      );
    default:
      return { status: 404, body: { message: `no control ${method} ${path}` } };
  }
}
