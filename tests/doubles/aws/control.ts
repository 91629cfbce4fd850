import { control, notThere, ok, type ControlAnswer, type ControlRequest } from '../shared/control';
import type { Denial, KeySpec, RoleSpec } from './identities';
import { buildAccounts, type AccountSpec } from './scenario';
import type { AwsDouble } from './server';

/**
 * What tests and the playground steer the double with, beside what every double has:
 *
 * - `POST /_control/facts` `{ accounts }` adds pipelines, executions and OpsItems, or changes those of the same id
 * - `POST /_control/identities` `{ keys?, roles?, deny?: { who, denied }, revoke?, expireSessions? }`
 * - `POST /_control/tokens` `{ lifetimeMs?, expire? }`
 * - `GET /_control/world` what there is
 * - `GET /_control/defects` where the double itself said what AWS could not say
 */
export function controlAws(double: AwsDouble, method: string, path: string, query: URLSearchParams, text: string): ControlAnswer {
  return control(double, method, path, query, text, (request) => own(double, request));
}

function own(double: AwsDouble, { route, body }: ControlRequest): ControlAnswer | null {
  switch (route) {
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
      return known && revoked ? ok({}) : notThere('such key or role');
    }
    case 'POST /_control/tokens':
      if (body.lifetimeMs !== undefined) {
        double.tokens.setLifetime(Number(body.lifetimeMs));
      }
      if (body.expire === true) {
        double.tokens.expireAll();
      }
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
      return null;
  }
}
