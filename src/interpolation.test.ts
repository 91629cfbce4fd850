import { expand, interpolate, type Template } from './interpolation';
import type { PanelQuery } from './panelQuery';

/** Replaces `$name` and `${name}` as Grafana does: known names go through the formatter, others stay. */
function templateOf(variables: Record<string, unknown>): Template {
  return {
    replace: (text, scopedVars, format) =>
      text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (match, braced: string, plain: string) => {
        const name = braced ?? plain;
        const value = scopedVars?.[name]?.value ?? variables[name];
        if (value === undefined) {
          return match;
        }
        return format ? format(value) : String(value);
      }),
  };
}

describe('expand', () => {
  it('gives one text for each value, and every combination of several variables', () => {
    const template = templateOf({ team: ['Payments', 'Check, out'], kind: ['api', 'web'], empty: [], one: 'x' });
    expect(expand(template, 'plain', {})).toEqual(['plain']);
    expect(expand(template, '$team', {})).toEqual(['Payments', 'Check, out']);
    expect(expand(template, 'acme/${team}-${kind}', {})).toEqual([
      'acme/Payments-api',
      'acme/Payments-web',
      'acme/Check, out-api',
      'acme/Check, out-web',
    ]);
    expect(expand(template, '!$one*', {})).toEqual(['!x*']);
    expect(expand(template, '$empty', {})).toEqual([]);
    expect(expand(template, '$unknown', {})).toEqual(['$unknown']);
  });

  it('prefers scoped variables, as repeated panels need', () => {
    expect(expand(templateOf({ team: ['A', 'B'] }), '$team', { team: { text: 'B', value: 'B' } })).toEqual(['B']);
  });
});

describe('interpolate', () => {
  const base: PanelQuery = { refId: 'A' };

  it('replaces variables in every field that takes them', () => {
    const template = templateOf({ t: ['A', 'B'], m: 'lead-time', i: 'month', s: 'median', d: '14', y: '2021', z: 'Europe/Berlin', r: ['a/x', 'a/y'] });
    const query: PanelQuery = {
      ...base,
      metric: '$m',
      teams: ['$t', 'A', 'C-*'],
      repositories: ['$r'],
      interval: '$i',
      statistic: '${s}',
      rollingDays: '$d',
      levelsYear: '$y',
      timezone: '$z',
      namespace: 'Mine/$m',
    };
    expect(interpolate(template, query, {})).toEqual({
      ...base,
      metric: 'lead-time',
      teams: ['A', 'B', 'C-*'],
      repositories: ['a/x', 'a/y'],
      interval: 'month',
      statistic: 'median',
      rollingDays: 14,
      levelsYear: 2021,
      timezone: 'Europe/Berlin',
      namespace: 'Mine/lead-time',
    });
  });

  it('leaves wrong values for the backend to name, and takes empty ones for absent', () => {
    const template = templateOf({ days: 'soon', none: '', many: ['week', 'day'] });
    const answer = interpolate(template, { ...base, rollingDays: '$days', metric: '$none', interval: '$many' }, {});
    expect(answer).toEqual({ ...base, rollingDays: 'soon', metric: undefined, interval: 'week, day' });
  });

  it('does not touch a query without variables', () => {
    const query: PanelQuery = { ...base, hide: false, metric: 'lead-time', teams: ['Payments'], rollingDays: 28, completeBucketsOnly: true };
    expect(interpolate(templateOf({}), query, {})).toEqual(query);
  });
});
