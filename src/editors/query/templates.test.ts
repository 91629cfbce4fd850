import { CoreApp } from '@grafana/data';
import { parseQuery } from '../../shared/query';
import { queryTypesFor } from './applicable';
import { fromTemplate, queryTemplates } from './templates';

describe('queries to start from', () => {
  it.each([CoreApp.PanelEditor, CoreApp.Explore, CoreApp.UnifiedAlerting, CoreApp.CloudAlerting])('are valid and offered in %s', (app) => {
    const templates = queryTemplates(app);
    expect(new Set(templates.map(({ id }) => id)).size).toBe(templates.length);
    for (const { query } of templates) {
      expect(queryTypesFor(app)).toContain(parseQuery(query).queryType);
    }
  });

  it('are numbers where a rule compares them', () => {
    expect(queryTemplates(CoreApp.UnifiedAlerting).map(({ query }) => query.format)).toEqual(Array(5).fill('number'));
  });

  it('keep the name, the data source and the scope of what they replace, and nothing else', () => {
    const [template] = queryTemplates(CoreApp.PanelEditor);
    const before = { refId: 'B', datasource: { uid: 'x' }, teams: ['Payments'], services: ['api'], metric: 'lead-time', statistic: 'p90', format: 'number' } as const;
    expect(fromTemplate({ ...before, teams: [...before.teams], services: [...before.services] }, template)).toEqual({
      refId: 'B',
      datasource: { uid: 'x' },
      teams: ['Payments'],
      services: ['api'],
      ...template.query,
    });
  });
});
