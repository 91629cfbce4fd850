import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../conformance/setup';
import { SecretScan } from '../support/secret-scan';

describe('the scan for secrets', () => {
  const SECRET = 'planted in the scan itself';
  const request = { pluginContext: { dataSourceInstanceSettings: { decryptedSecureJsonData: { githubToken: SECRET } } } };

  it.each([
    ['a text', `before ${SECRET} after`],
    ['bytes', Buffer.from(`\0${SECRET}\0`)],
    ['something nested', { frames: [{ labels: { [SECRET]: 1 } }] }],
    ['an address', `https://example.org/?token=${encodeURIComponent(SECRET)}`],
    ['a header', `Basic ${Buffer.from(SECRET).toString('base64')}`],
  ])('finds one in %s, and does not repeat it', (_, what) => {
    const scan = new SecretScan();
    scan.learn(request);
    scan.check('here', what);
    expect(scan.record.leaks).toHaveLength(1);
    expect(scan.record.leaks[0]).toMatch(/^here: form \d of secret \d+$/);
  });

  it('finds one in a file of a store, and a file that others may read', () => {
    const folder = temporaryFolder();
    const scan = new SecretScan();
    scan.learn(request);
    writeFileSync(join(folder.path, 'facts.sqlite'), `rows ${SECRET}`, { mode: 0o644 });
    scan.checkFolder(folder.path);
    folder.remove();
    expect(scan.record.leaks).toEqual([expect.stringContaining('store facts.sqlite: form 0'), 'store facts.sqlite: others may read it']);
  });

  it('finds nothing where there is nothing', () => {
    const scan = new SecretScan();
    scan.learn(request);
    scan.check('here', { text: 'planted', bytes: new Uint8Array([1, 2, 3]), nothing: null });
    expect(scan.record).toMatchObject({ leaks: [], bytes: expect.any(Number) });
  });
});
