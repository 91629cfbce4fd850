import { DoraError } from '../../shared/errors';
import { JsonLog, logLevel } from './logs';

function logInto(lines: string[], level = logLevel('debug')): JsonLog {
  return new JsonLog(level, (line) => lines.push(line));
}

describe('log', () => {
  it('writes one JSON object a line with the keys that Grafana reads', () => {
    const lines: string[] = [];
    logInto(lines).warn('Something\nhappened', { scope: 'acme/a', count: 3, big: 5n });
    expect(lines).toHaveLength(1);
    expect(lines[0].endsWith('}\n')).toBe(true);
    const { '@timestamp': at, ...rest } = JSON.parse(lines[0]) as Record<string, unknown>;
    expect(rest).toEqual({ '@level': 'warn', '@message': 'Something\nhappened', scope: 'acme/a', count: 3, big: '5' });
    // Six digits, or Grafana takes the line for plain text and shows it to nobody.
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(Math.abs(Date.parse(String(at)) - Date.now())).toBeLessThan(60_000);
  });

  it('keeps its lines shorter than those that Grafana cuts', () => {
    const lines: string[] = [];
    logInto(lines).error('Much', { error: new Error('x'.repeat(1_000_000)), nested: { text: 'y'.repeat(1_000_000) } });
    expect(lines[0].length).toBeLessThan(65_536);
    expect(JSON.parse(lines[0])).toMatchObject({ '@message': 'Much', error: expect.stringContaining('xxx…') as string });
  });

  it('blanks secrets in messages, nested fields, errors and their causes', () => {
    const lines: string[] = [];
    const log = logInto(lines);
    const key = '-----BEGIN KEY-----\nabc\ndef\n-----END KEY-----';
    log.protect(['ghp_secret', key]);
    log.error('token ghp_secret refused', {
      url: 'https://x/?t=ghp_secret',
      nested: { list: ['ghp_secret', { key }] },
      error: new DoraError('GITHUB_UNREACHABLE', 'with ghp_secret', { cause: new Error(`cause ghp_secret ${key}`) }),
    });
    expect(lines.join('')).not.toMatch(/ghp_secret|abc/);
    expect(lines.join('')).toContain('GITHUB_UNREACHABLE');
    expect(lines.join('')).toContain('***');
  });

  it('leaves out what is below its level, and survives what JSON cannot hold', () => {
    const lines: string[] = [];
    const log = logInto(lines, logLevel('warn'));
    log.info('quiet');
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    log.error('loud', circular);
    expect(lines.map((line) => (JSON.parse(line) as Record<string, unknown>)['@message'])).toEqual(['loud']);
  });

  it('reads levels as users write them', () => {
    expect([logLevel(' DEBUG '), logLevel('error'), logLevel('loud'), logLevel(undefined)]).toEqual(['debug', 'error', 'info', 'info']);
  });
});
