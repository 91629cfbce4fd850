import { referencesOf, referencesOfMessage, splitMessage } from './references';

const sha = 'a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0';

describe('references in texts', () => {
  test.each([
    ['GitHub revert body', { body: 'Reverts acme/api#12' }, [{ relation: 'reverts', target: 'acme/api#12' }]],
    ['revert of the same repository', { body: 'Because of load.\n\nReverts #12' }, [{ relation: 'reverts', target: '#12' }]],
    ['git revert body', { body: `This reverts commit ${sha}.` }, [{ relation: 'reverts', target: sha }]],
    ['short SHA', { body: 'This reverts commit a1b2c3d.' }, [{ relation: 'reverts', target: 'a1b2c3d' }]],
    ['revert of a merge names only the merge', { body: `This reverts commit a1b2c3d, reversing\nchanges made to ffffff1.` }, [{ relation: 'reverts', target: 'a1b2c3d' }]],
    ['several commits', { body: 'This reverts commits a1b2c3d and b2c3d4e.' }, [{ relation: 'reverts', target: 'a1b2c3d' }, { relation: 'reverts', target: 'b2c3d4e' }]],
    ['revert branch', { branch: 'revert-345-fix-login' }, [{ relation: 'reverts', target: '#345' }]],
    ['revert branch of a fork', { branch: 'someone/revert-345-fix' }, [{ relation: 'reverts', target: '#345' }]],
    ['revert title with number', { title: 'Revert "feat: login (#12)"' }, [{ relation: 'reverts', target: '#12' }]],
    ['squashed revert title', { title: 'Revert "feat: login (#12)" (#15)' }, [{ relation: 'reverts', target: '#12' }, { relation: 'mentions', target: '#15' }]],
    ['revert of a revert', { title: 'Revert "Revert "feat: login (#12)" (#13)"' }, [{ relation: 'reverts', target: '#13' }]],
    ['revert title without number', { title: 'Revert "fixes #9 for good"' }, []],
    ['root cause number', { body: 'root cause: #77' }, [{ relation: 'root-cause', target: '#77' }]],
    ['root cause in bold', { body: '**Root cause:** acme/api#77' }, [{ relation: 'root-cause', target: 'acme/api#77' }]],
    ['root cause SHA', { body: 'Root-cause: A1B2C3D4' }, [{ relation: 'root-cause', target: 'a1b2c3d4' }]],
    ['root cause address', { body: 'root cause: https://github.example/acme/api/pull/77' }, [{ relation: 'root-cause', target: 'acme/api#77' }]],
    ['root cause commit address', { body: `root cause: https://github.com/acme/api/commit/${sha}` }, [{ relation: 'root-cause', target: sha }]],
    ['two root causes', { body: 'root cause: #1, #2' }, [{ relation: 'root-cause', target: '#1' }, { relation: 'root-cause', target: '#2' }]],
    ['closing keyword', { body: 'Fixes #5 and closes acme/incidents#6' }, [{ relation: 'fixes', target: '#5' }, { relation: 'fixes', target: 'acme/incidents#6' }]],
    ['OpsItem in a branch', { branch: 'hotfix/oi-0123456789AB/hotfix' }, [{ relation: 'mentions', target: 'oi-0123456789ab' }]],
    ['OpsItem in a squash title', { title: 'fix(oi-0123456789ab): x' }, [{ relation: 'mentions', target: 'oi-0123456789ab' }]],
    ['OpsItem that is fixed', { body: 'Resolves: oi-0123456789ab' }, [{ relation: 'fixes', target: 'oi-0123456789ab' }]],
    ['no OpsItem: too many digits', { branch: 'fix/oi-0123456789abc' }, []],
    ['plain mention', { title: 'Follow-up of #3' }, [{ relation: 'mentions', target: '#3' }]],
    ['strongest relation wins', { body: 'See #3. Reverts #3' }, [{ relation: 'reverts', target: '#3' }]],
    ['hidden template comment', { body: '<!-- Fixes #123 -->\nNothing' }, []],
    ['code', { body: '```\nFixes #123\n```' }, []],
    ['colours and entities are no numbers', { body: 'color: #fff, &#39; abc#12' }, []],
    ['words that only look alike', { body: 'prefixes #x, irreverts, root cause analysis follows' }, []],
    ['nothing', { title: null, body: null, branch: null }, []],
  ])('%s', (_name, texts, expected) => {
    expect(referencesOf(texts)).toEqual(expected);
  });

  test('a squashed commit does not name itself, but what it reverts', () => {
    expect(referencesOfMessage('fix: login (#15)')).toEqual([]);
    expect(referencesOfMessage('Revert "feat: x (#12)" (#15)\n\nReverts acme/api#12')).toEqual([
      { relation: 'reverts', target: 'acme/api#12' },
      { relation: 'reverts', target: '#12' },
    ]);
  });

  test('splits a message', () => {
    expect(splitMessage('one\n\ntwo')).toEqual({ headline: 'one', rest: '\ntwo' });
    expect(splitMessage('one')).toEqual({ headline: 'one', rest: '' });
  });

  test('a hostile text neither hangs nor floods', () => {
    const started = Date.now();
    expect(referencesOf({ body: Array.from({ length: 20_000 }, (_, index) => `#${index} `).join('') })).toHaveLength(100);
    referencesOf({ body: 'root cause: '.repeat(20_000), title: 'Revert "'.repeat(10_000) });
    expect(Date.now() - started).toBeLessThan(2_000);
  });
});
