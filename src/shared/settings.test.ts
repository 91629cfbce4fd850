import fc from 'fast-check';
import { parseDuration } from './duration';
import { parseSettings } from './settings';

describe('durations', () => {
  it.each([
    ['5m', 300_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['26w', 15_724_800_000],
    ['90s', 90_000],
    ['0d', null],
    ['-1d', null],
    ['1.5h', null],
    ['5 m', null],
    ['1y', null],
    ['', null],
  ])('%s is %s ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });
});

describe('settings', () => {
  it('gives a default to everything', () => {
    const { settings, problems } = parseSettings({});
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      github: { apiUrl: 'https://api.github.com', auth: 'token' },
      sync: { every: '5m', lookback: '180d' },
      timezone: 'UTC',
      weekStart: 'monday',
      publish: { cloudwatch: false, namespace: 'DORA' },
      accounts: [],
      teams: [],
    });
    expect(parseSettings(undefined).settings).toEqual(settings);
  });

  it('gives a team that names only itself its defaults', () => {
    const { settings } = parseSettings({ teams: [{ name: 'Payments', repositories: ['acme/payments-*'] }] });
    expect(settings.teams[0]).toMatchObject({
      branches: null,
      services: [],
      exclude: { authors: ['*[bot]'] },
      directPushes: false,
      deployments: [{ from: 'merged-pull-requests' }],
      incidents: [{ from: 'reverts' }],
      incidentWindow: '7d',
    });
    expect(parseSettings({ teams: [{ name: 'A', exclude: { authors: [] } }] }).settings.teams[0].exclude.authors).toEqual([]);
  });

  it('names a wrong field, leaves that team out, and goes on with the others', () => {
    const { settings, problems } = parseSettings({
      timezone: 'Mars/Olympus',
      sync: { every: 'often' },
      teams: [
        { name: 'A', deployments: [{ from: 'release' }] },
        { name: 'B', incidentWindow: '1 week' },
        { name: 'C', incidents: [{ from: 'reverts', patterns: ['('] }] },
        { name: 'D' },
        { name: 'D' },
        'E',
      ],
    });
    expect(settings.teams.map(({ name }) => name)).toEqual(['D']);
    expect(settings.timezone).toBe('UTC');
    expect(settings.sync.every).toBe('5m');
    expect(problems.map(({ field }) => field)).toEqual([
      'sync.every',
      'timezone',
      'teams[0].deployments[0].from',
      'teams[1].incidentWindow',
      'teams[2].incidents[0].patterns[0]',
      'teams[4].name',
      'teams[5]',
    ]);
  });

  it('takes emptied inputs for absent ones', () => {
    const { settings, problems } = parseSettings({ timezone: '', github: null, authType: '' });
    expect(problems).toEqual([]);
    expect(settings.timezone).toBe('UTC');
    expect(settings.github.apiUrl).toBe('https://api.github.com');
  });

  it('never throws, whatever is stored', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ teams: fc.array(fc.jsonValue()), sync: fc.jsonValue(), github: fc.jsonValue(), accounts: fc.jsonValue() })), (json) => {
        const { settings, problems } = parseSettings(json);
        expect(settings.teams.length).toBeLessThanOrEqual(1_000);
        expect(Array.isArray(problems)).toBe(true);
      })
    );
  });
});
