import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { unzipSync } from 'fflate';
import { archive, type ArchivedFile } from './archive';
import { buildMoment } from './moment';

const FILES: ArchivedFile[] = [
  { name: 'plugin/b.json', bytes: new Uint8Array([1, 2, 3]), executable: false },
  { name: 'plugin/gpx_a_linux_amd64', bytes: new Uint8Array(10_000).fill(7), executable: true },
];
const MOMENT = new Date('2026-03-02T10:00:01Z');

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('the same files make the same bytes, in whatever order and time zone', () => {
  const once = archive(FILES, MOMENT);
  expect(sha(archive([...FILES].reverse(), MOMENT))).toBe(sha(once));
  const before = process.env.TZ;
  process.env.TZ = 'Pacific/Kiritimati';
  expect(sha(archive(FILES, MOMENT))).toBe(sha(once));
  process.env.TZ = before;
  expect(sha(archive(FILES, new Date('2026-03-02T10:01:01Z')))).not.toBe(sha(once));
});

test('what is packed comes out again, executables as such', () => {
  const bytes = archive(FILES, MOMENT);
  expect(Object.keys(unzipSync(bytes))).toEqual(['plugin/b.json', 'plugin/gpx_a_linux_amd64']);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const modes: string[] = [];
  for (let at = 0; at < bytes.length - 4; at += 1) {
    // Central directory: who made it and, at 38, the attributes.
    if (view.getUint32(at, true) === 0x02014b50) {
      modes.push(`${bytes[at + 5]} ${(view.getUint32(at + 38, true) >>> 16).toString(8)}`);
    }
  }
  expect(modes).toEqual(['3 100644', '3 100755']);
});

test('a build carries the time that was asked for, else that of the commit', () => {
  expect(buildMoment({ SOURCE_DATE_EPOCH: '1700000000' }).toISOString()).toBe('2023-11-14T22:13:20.000Z');
  const commit = spawnSync('git', ['log', '-1', '--format=%cI'], { encoding: 'utf8' });
  if (commit.status === 0) {
    expect(buildMoment({}).getTime()).toBe(Date.parse(commit.stdout.trim()));
  }
  expect(buildMoment({ SOURCE_DATE_EPOCH: 'now' }).getTime()).toBe(buildMoment({ SOURCE_DATE_EPOCH: '' }).getTime());
});
