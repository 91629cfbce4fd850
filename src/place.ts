import { CoreApp } from '@grafana/data';

/** True where a query is part of an alert rule: no dashboard, no variables, one number or series to judge. */
export function isAlerting(app: string | undefined): boolean {
  return app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;
}
