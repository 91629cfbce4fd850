import { misplacedSecrets } from './misplacedSecrets';
import { hasSecretShape, withoutSecretShapes } from './secretPatterns';
import { parseSettings } from './settings';

const TOKEN = `ghp_${'a1B2'.repeat(9)}`;
const KEY = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----';

describe('secrets outside the secret fields', () => {
  it.each([
    [{ githubToken: 'anything' }, 'githubToken'],
    [{ secretKey: 'anything' }, 'secretKey'],
    [{ github: { token: 'anything' } }, 'github.token'],
    [{ github: { appId: TOKEN } }, 'github.appId'],
    [{ github: { apiUrl: 'https://somebody:password1@ghe.example.org/api/v3' } }, 'github.apiUrl'],
    [{ teams: [{ name: 'A' }, { name: 'B', repositories: ['acme/a', KEY] }] }, 'teams[1].repositories[1]'],
    [{ teams: [{ name: 'A', incidents: [{ from: 'opsitems', filters: { operationalData: { key: 'AKIAIOSFODNN7EXAMPLE' } } }] }] }, 'teams[0].incidents[0].filters.operationalData.key'],
  ])('are named and not used: %j', (json, field) => {
    const { settings, problems } = parseSettings(json);
    expect(problems.map((problem) => problem.field)).toContain(field);
    const problem = problems.find((candidate) => candidate.field === field);
    expect(problem?.message).toContain('secureJsonData');
    for (const shown of [JSON.stringify(problems), JSON.stringify(settings)]) {
      expect(shown).not.toMatch(/anything|password1|a1B2|MIIE|AKIAIOSFODNN7EXAMPLE/);
    }
  });

  it('leave out the team that holds one, and the others go on', () => {
    const { settings } = parseSettings({ teams: [{ name: 'A', repositories: [TOKEN] }, { name: 'B', repositories: ['acme/b'] }] });
    expect(settings.teams.map(({ name }) => name)).toEqual(['B']);
  });

  it('are not seen in ordinary settings', () => {
    const ordinary = {
      github: { apiUrl: 'https://ghe.example.org/api/v3', auth: 'app', appId: 12, installationId: '34' },
      accounts: [{ name: 'tooling', assumeRoleArn: 'arn:aws:iam::123456789012:role/grafana', externalId: 'acme' }],
      githubToken: '',
      teams: [{ name: 'A', exclude: { titles: '^(chore|docs)(\\(.+\\))?:' }, incidents: [{ from: 'opsitems', filters: { operationalData: { token: 'expired', password: 'reset' } } }] }],
    };
    expect(misplacedSecrets(ordinary)).toEqual([]);
  });

  it('are looked for however deep the settings are', () => {
    let deep: unknown = TOKEN;
    for (let level = 0; level < 100_000; level += 1) {
      deep = [deep];
    }
    expect(misplacedSecrets(deep)).toHaveLength(1);
  });
});

describe('the shape of a secret', () => {
  it.each([TOKEN, `github_pat_${'a'.repeat(40)}`, 'ASIAIOSFODNN7EXAMPLE', `glsa_${'a'.repeat(32)}_0a1b2c3d`, `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(30)}`, KEY])('is known: %s', (secret) => {
    expect(withoutSecretShapes(`before ${secret} after`)).toBe('before *** after');
  });

  it.each(['4f2c1d9e4f2c1d9e4f2c1d9e4f2c1d9e4f2c1d9e', 'acme/ghp_tools', 'arn:aws:iam::123456789012:role/AKIA', 'https://example.org/a:b/c@d', '2026-03-02T10:00:00Z'])('is not that of %s', (text) => {
    expect(hasSecretShape(text)).toBe(false);
  });
});

describe('a connection that is wrongly set', () => {
  it.each([
    [{ github: { apiUrl: 'ghe.example.org' } }, 'github', 'github.apiUrl'],
    [{ github: { token: 'anything' } }, 'github', 'github.token'],
    [{ endpoint: 'localhost' }, 'aws', 'endpoint'],
    [{ authType: 'guess' }, 'aws', 'authType'],
    [{ defaultRegion: 'us-east-1.evil.example.org/' }, 'aws', 'defaultRegion'],
    [{ accounts: [{ name: 'a', regions: ['x#'] }] }, 'aws', 'accounts[0].regions[0]'],
  ] as const)('calls nobody with the credentials: %j', (json, provider, field) => {
    expect(parseSettings(json).settings.refused?.[provider]?.field).toBe(field);
  });

  it('is no reason not to call the other one', () => {
    expect(parseSettings({ endpoint: 'localhost' }).settings.refused).not.toHaveProperty('github');
    expect(parseSettings({ teams: [{ name: '' }] }).settings.refused).toBeUndefined();
  });
});
