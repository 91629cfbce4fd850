import { findingsOf, packageFolder } from './findings';

describe('known faults of what is shipped', () => {
  const shipped = new Set(['node_modules/pg', 'node_modules/@grafana/aws-sdk/node_modules/lodash']);

  it.each([
    ['node_modules/pg/lib/client.js', 'node_modules/pg'],
    ['../../node_modules/@smithy/core/dist/index.js', 'node_modules/@smithy/core'],
    ['webpack://x/./node_modules/@grafana/aws-sdk/node_modules/lodash/get.js', 'node_modules/@grafana/aws-sdk/node_modules/lodash'],
    ['src/backend/main.ts', null],
  ])('%s lies in %s', (path, folder) => {
    expect(packageFolder(path)).toBe(folder);
  });

  it('are told apart from those of packages that only build and test', () => {
    const advisory = { title: 'Prototype pollution', url: 'https://example.org/1', severity: 'high' };
    const report = {
      vulnerabilities: {
        pg: { severity: 'high', nodes: ['node_modules/pg'], via: [advisory] },
        lodash: { severity: 'low', nodes: ['node_modules/lodash', 'node_modules/@grafana/aws-sdk/node_modules/lodash'], via: [advisory] },
        monaco: { severity: 'critical', nodes: ['node_modules/monaco-editor'], via: [advisory] },
        // Only because of what it depends on.
        ui: { severity: 'high', nodes: ['node_modules/@grafana/ui'], via: ['monaco'] },
      },
    };
    expect(findingsOf(report, shipped)).toEqual({
      shipped: [
        { folder: 'node_modules/pg', severity: 'high', advisories: ['Prototype pollution https://example.org/1'] },
        { folder: 'node_modules/@grafana/aws-sdk/node_modules/lodash', severity: 'low', advisories: ['Prototype pollution https://example.org/1'] },
      ],
      others: 1,
    });
  });

  it('are not taken for none when the registry was not asked', () => {
    expect(() => findingsOf({ message: 'Method Not Allowed' }, shipped)).toThrow('Method Not Allowed');
    expect(() => findingsOf({ error: { summary: 'audit endpoint returned an error' } }, shipped)).toThrow('audit endpoint');
    expect(findingsOf({ vulnerabilities: {} }, shipped)).toEqual({ shipped: [], others: 0 });
  });
});
