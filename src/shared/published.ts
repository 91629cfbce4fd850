import type { Metric } from './queryOptions';

/** One metric of CloudWatch, without dimensions. */
export interface PublishedMetric {
  namespace: string;
  name: string;
}

/**
 * What a DORA stack built after the AWS sample publishes, and where that sample's own dashboard looks, in the order in
 * which they are tried. Failure rate: the failed items, to be divided by the deployments.
 */
export const PUBLISHED_METRICS: Readonly<Record<Metric, readonly PublishedMetric[]>> = {
  'deployment-frequency': [
    { namespace: 'DORA', name: 'DeploymentFrequency' },
    { namespace: 'DORA/DeploymentFrequency', name: 'TotalDeployments' },
  ],
  'lead-time': [
    { namespace: 'DORA', name: 'LeadTimeForChange' },
    { namespace: 'DORA/LeadTimeForChange', name: 'LeadTimeForChange' },
  ],
  'change-failure-rate': [{ namespace: 'DORA/ChangeFailureRate', name: 'TotalFailedItems' }],
  'time-to-restore': [{ namespace: 'DORA/MeanTimeToRestore', name: 'Downtime-OPS-Item' }],
  'rework-rate': [],
};

/** The metrics that a query reads: its own choice, else what the sample publishes. */
export function publishedMetricsOf({ metric, namespace, metricName }: { metric: Metric; namespace?: string; metricName?: string }): readonly PublishedMetric[] {
  const known = PUBLISHED_METRICS[metric];
  if (namespace === undefined && metricName === undefined) {
    return known;
  }
  const [first] = known;
  return [{ namespace: namespace ?? first?.namespace ?? 'DORA', name: metricName ?? first?.name ?? '' }].filter(({ name }) => name !== '');
}
