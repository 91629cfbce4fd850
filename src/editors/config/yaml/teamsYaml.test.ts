import * as fc from 'fast-check';
import { parse } from 'yaml';
import type { StoredTeam } from '../settings';
import { planImport, readTeams, writeTeams } from './teamsYaml';

const TEAMS: StoredTeam[] = [
  {
    name: 'Payments',
    repositories: ['acme/payments-*', { match: 'acme/legacy', branches: ['master'], deployments: [{ from: 'merged-pull-requests' }] }],
    branches: ['main', 'release/*'],
    services: [{ name: 'api', repository: 'acme/mono', paths: ['api/**'], tags: 'api@*' }],
    exclude: { authors: ['*[bot]'], titles: '^docs:' },
    incidents: [{ from: 'reverts', patterns: ['^rollback-(\\d+)$'] }, { from: 'opsitems', filters: { operationalData: { env: '$prod' } } }],
    incidentWindow: '7d',
  },
  { name: 'Off: yes', repositories: ['no/null'] },
];

/** What Grafana makes of a provisioned text: `$NAME` is a variable of the environment, `$$` the sign. */
function provisioned(value: unknown): unknown {
  if (typeof value === 'string') {
    return value
      .split('$$')
      .map((part) => part.replace(/\$(\w+|\{\w*\})/g, 'FROM THE ENVIRONMENT'))
      .join('$');
  }
  if (Array.isArray(value)) {
    return value.map(provisioned);
  }
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, provisioned(item)])) : value;
}

describe('teams as YAML', () => {
  it('gives what provisioning takes: Grafana reads the same teams out of it', () => {
    expect(writeTeams(TEAMS)).toContain('teams:\n  - name: Payments\n');
    expect(provisioned(parse(writeTeams(TEAMS)))).toEqual({ teams: TEAMS });
  });

  it('reads back what it wrote, whatever the texts are', () => {
    expect(readTeams(writeTeams(TEAMS))).toEqual({ teams: TEAMS, problems: [], unknown: [] });
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((value) => value.trim() !== '');
    const team = fc.record(
      {
        name: text,
        repositories: fc.array(text, { maxLength: 4 }),
        branches: fc.array(text, { minLength: 1, maxLength: 3 }),
        directPushes: fc.boolean(),
        deployments: fc.array(fc.record({ from: fc.constant('releases' as const), tags: text }), { maxLength: 2 }),
        incidents: fc.array(fc.record({ from: fc.constant('reverts' as const), patterns: fc.constant(['^x-(\\d+)$|$$']) }), { maxLength: 2 }),
      },
      { requiredKeys: ['name'] }
    );
    // Names count without the spaces around them.
    const teams = fc.uniqueArray(team, { maxLength: 4, selector: ({ name }) => name.trim() });
    fc.assert(
      fc.property(teams, (generated) => {
        const list = generated as StoredTeam[];
        expect(readTeams(writeTeams(list))).toEqual({ teams: list, problems: [], unknown: [] });
        expect(provisioned(parse(writeTeams(list)))).toEqual({ teams: list });
      }),
      { numRuns: process.env.DORA_LONG === '1' ? 2_000 : 60 }
    );
  });

  it.each([
    ['a list', '- name: A\n  repositories: [acme/a]'],
    ['teams', 'teams:\n  - name: A\n    repositories: [acme/a]'],
    ['jsonData', 'jsonData:\n  timezone: UTC\n  teams: [{ name: A, repositories: [acme/a] }]'],
    ['JSON', '{"teams": [{"name": "A", "repositories": ["acme/a"]}]}'],
    ['a provisioning file', 'apiVersion: 1\ndatasources:\n  - { name: Loki, type: loki }\n  - name: DORA\n    jsonData:\n      teams:\n        - name: A\n          repositories: [acme/a]'],
  ])('finds the teams in %s', (_, text) => {
    expect(readTeams(text)).toEqual({ teams: [{ name: 'A', repositories: ['acme/a'] }], problems: [], unknown: [] });
  });

  it.each([
    ['a wrong field', 'teams:\n  - name: A\n    incidentWindow: soon', 'teams[0].incidentWindow', 'is not a duration'],
    ['a source of no kind', '- name: A\n  deployments: [{ from: pigeons }]', 'teams[0].deployments[0].from', ''],
    ['a name twice', '[{ name: A }, { name: A }]', 'teams[1].name', 'twice'],
    ['a name that is missing', '- repositories: [acme/a]', 'teams[0].name', ''],
    ['broken YAML', 'teams:\n  - name: "A\n', 'Line 3', ''],
    ['another document', 'hello: there', 'teams', 'is not there'],
    ['an empty document', '# nothing', 'teams', 'is not there'],
    ['teams that are no list', 'teams: all', 'teams', 'is not a list'],
    ['a bomb of aliases', `a: &a [x]\n${'bcdefghi'.split('').map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`).join('\n')}\nteams: *i`, 'teams', ''],
    ['a book', 'x'.repeat(2_000_001), 'teams', 'longer'],
  ])('names what is wrong: %s', (_, text, field, message) => {
    const { problems } = readTeams(text);
    expect(problems[0].field).toBe(field);
    expect(problems[0].message).toContain(message);
  });

  it('names fields that nothing reads', () => {
    const text = '- name: A\n  repos: [acme/a]\n  deployments: [{ from: releases, tag: v* }]\n  branches: null';
    expect(readTeams(text)).toMatchObject({ problems: [], unknown: ['teams[0].repos', 'teams[0].deployments[0].tag'] });
  });
});

describe('planImport', () => {
  const current: StoredTeam[] = [{ name: 'A', repositories: ['acme/a'] }, { name: 'B', repositories: ['acme/b'] }];
  const imported: StoredTeam[] = [{ name: 'B', repositories: ['acme/b'], branches: ['main'] }, { name: 'C' }];

  it('replaces all', () => {
    const { teams, changes } = planImport(current, imported, 'replace');
    expect(teams).toEqual(imported);
    expect(changes).toEqual([
      { name: 'B', kind: 'changed', fields: [{ name: 'branches', before: '', after: '["main"]' }] },
      { name: 'C', kind: 'added', fields: [] },
      { name: 'A', kind: 'removed', fields: [] },
    ]);
  });

  it('keeps the others, in their order', () => {
    const { teams, changes } = planImport(current, imported, 'merge');
    expect(teams).toEqual([current[0], imported[0], imported[1]]);
    expect(changes.map(({ name, kind }) => [name, kind])).toEqual([
      ['A', 'unchanged'],
      ['B', 'changed'],
      ['C', 'added'],
    ]);
  });
});
