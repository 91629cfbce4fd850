import { describeQuery } from './queryText';

describe('describeQuery', () => {
  it.each([
    [{}, 'Deployment frequency · count · all teams by week'],
    [{ metric: 'lead-time', statistic: 'median', teams: ['Payments'] }, 'Lead time for changes · median · Payments by week'],
    [{ metric: 'change-failure-rate', groupBy: 'service', interval: 'month' }, 'Change failure rate · all teams per service by month'],
    [{ metric: 'time-to-restore', groupBy: 'none', interval: 'range' }, 'Time to restore · mean · all teams together over the whole time range'],
    [{ window: 'rolling', interval: 'day' }, 'Deployment frequency · count · all teams over 28 rolling days each day'],
    [{ window: 'rolling', format: 'number' }, 'Deployment frequency · per day · all teams over the last 28 days'],
    [{ format: 'number' }, 'Deployment frequency · per day · all teams over the whole time range'],
    [{ compare: 'previous', includeRollbacks: true, includeRetries: true }, 'Deployment frequency · count · all teams by week · against the previous period · with rollbacks · with retries'],
    [{ queryType: 'stages', statistic: 'p90' }, 'Lead time stages · 90th percentile · all teams by week'],
    [{ queryType: 'changes', teams: ['A', 'B'], services: ['api'], repositories: ['acme/*'] }, 'Changes · A, B · services api · repositories acme/*'],
    [{ queryType: 'sync' }, 'Synchronisation'],
    [{ queryType: 'data-quality' }, 'Data quality · all teams'],
    [{ queryType: 'cloudwatch', metric: 'lead-time' }, 'CloudWatch · Lead time for changes · mean by week'],
    [{ queryType: 'cloudwatch', namespace: 'Mine', metricName: 'Deploys' }, 'CloudWatch · Deployment frequency · Mine Deploys · mean by week'],
    [{ metric: '$metric', interval: '$step', teams: ['$team'] }, '$metric · $team by $step'],
  ] as const)('%j: %s', (query, words) => {
    expect(describeQuery(query as Parameters<typeof describeQuery>[0])).toBe(words);
  });
});
