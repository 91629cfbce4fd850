import { control, notThere, ok, type ControlAnswer, type ControlRequest } from '../shared/control';
import type { TokenSpec } from './access';
import type { Resource } from './limits';
import type { GitHubDouble } from './server';
import { apply, buildOrganisations, type OrganisationSpec, type Step } from './steps';
import { webhooksOf } from './webhooks';

/**
 * What tests and the playground steer the double with, beside what every double has:
 *
 * - `POST /_control/facts` `{ repository, steps }` or `{ organisations }`
 * - `GET|POST /_control/tokens` `{ token, …}` adds or changes one; `{ token, revoked: true }` revokes it
 * - `POST /_control/limits` `{ token, resource, remaining, resetInSeconds? }`
 * - `GET /_control/world` what there is
 * - `GET /_control/webhooks?repository=owner/name` what GitHub would have sent of it
 */
export function controlGitHub(double: GitHubDouble, method: string, path: string, query: URLSearchParams, text: string): ControlAnswer {
  return control(double, method, path, query, text, (request) => own(double, request));
}

function own(double: GitHubDouble, { route, query, body }: ControlRequest): ControlAnswer | null {
  switch (route) {
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
    case 'GET /_control/webhooks': {
      const [owner = '', name = ''] = (query.get('repository') ?? '').split('/');
      const repository = double.world.findRepository(owner, name);
      return repository ? ok(webhooksOf(repository)) : notThere(`repository ${owner}/${name}`);
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
      return null;
  }
}
