import { parseQuery } from '../../shared/query';
import { parseSettings } from '../../shared/settings';
import { at, DAY_MS, deployment, line, pull, repository, sha } from '../../../tests/engine/facts';
import { createEngine } from '../index';
import type { Repository } from '../model';

const range = { from: at('2026-03-01'), to: at('2026-03-20') };

/** Mean lead time by repository of a pipeline whose executions give a repository's name, as CodePipeline does. */
function leadTimes(known: Repository[], arrives: Repository): unknown[] {
  const engine = createEngine(parseSettings({ teams: [{ name: 'T', repositories: ['acme/a'], deployments: [{ from: 'codepipeline' }] }] }).settings);
  const answer = (): unknown[] => {
    const numbers = engine.answer(parseQuery({ metric: 'lead-time', groupBy: 'repository', format: 'number' }), range, range.to);
    return numbers.kind === 'numbers' ? numbers.numbers.map(({ labels, value }) => [labels.repository, value]) : [];
  };
  engine.apply({ repositories: known, commits: line('acme/a', [1, 2], at('2026-03-01')), pullRequests: [pull('acme/a', 1, { mergedAt: at('2026-03-01') }), pull('acme/a', 2, { mergedAt: at('2026-03-02') })] });
  engine.apply({
    deployments: [1, 2].map((number) =>
      deployment(`codepipeline:${number}`, { origin: 'codepipeline', pipeline: 'p', finishedAt: at('2026-03-01') + number * DAY_MS, revisions: [{ repository: null, repositoryName: 'acme/a', sha: sha(`acme/a#${number}`) }] })
    ),
  });
  answer();
  engine.apply({ repositories: [arrives] });
  return answer();
}

describe('an execution that names its repository', () => {
  // #1 is the baseline; #2 was committed and merged on 2 March and deployed on 3 March: one day.
  const expected = [['acme/a', DAY_MS / 1000]];

  it('is linked when the repository was known before', () => {
    expect(leadTimes([repository('acme/a')], repository('acme/a'))).toEqual(expected);
  });

  it('is linked when the repository becomes known later', () => {
    expect(leadTimes([], repository('acme/a'))).toEqual(expected);
  });

  it('is linked when the repository takes that name later', () => {
    expect(leadTimes([repository('acme/b', { id: 'R:acme/a' })], repository('acme/a', { formerNames: ['acme/b'] }))).toEqual(expected);
  });
});
