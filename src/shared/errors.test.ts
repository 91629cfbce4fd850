import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DoraError, type ErrorCode, ERRORS } from './errors';

describe('errors', () => {
  const page = readFileSync(join(__dirname, '../../docs/troubleshooting.md'), 'utf8');
  const sections = new Map(page.split(/^### /m).slice(1).map((section) => [section.split('\n', 1)[0].trim(), section]));

  it.each(Object.keys(ERRORS))('%s has an entry in troubleshooting with cause and remedy', (code) => {
    const [, cause, remedy] = (sections.get(code) ?? '').split(/\n\n|\n\*\*What to do\.\*\*/);
    expect(cause?.length).toBeGreaterThan(20);
    expect(remedy?.length).toBeGreaterThan(10);
  });

  it('has no entry for a code that does not exist', () => {
    expect([...sections.keys()].filter((code) => !(code in ERRORS))).toEqual([]);
  });

  it('carries status, source and remedy of its code', () => {
    const error = new DoraError('TEAM_UNKNOWN', 'There is no team Paymets.', { field: 'teams[0]' });
    expect(error).toMatchObject({ code: 'TEAM_UNKNOWN', status: 400, errorSource: 'downstream', field: 'teams[0]' });
    const codes = Object.keys(ERRORS) as ErrorCode[];
    expect(codes.every((code) => new DoraError(code, '').remedy.endsWith('.'))).toBe(true);
  });
});
