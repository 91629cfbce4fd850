import { assertAnswerShape } from './answer-shape';

describe('the shape of answers', () => {
  it('is that of the schema, where null may stand everywhere', () => {
    expect(() =>
      assertAnswerShape({ node: { id: 'R_1', releases: { totalCount: 1, pageInfo: { hasNextPage: false, endCursor: null }, nodes: [null, { id: 'RE_1', name: null, isDraft: false, publishedAt: '2026-03-01T12:00:00Z', tagCommit: { oid: 'a' } }] } } })
    ).not.toThrow();
  });

  it.each([
    [{ pageInfo: { hasNextPage: true, endCursor: {} } }, 'endCursor'],
    [{ pageInfo: { hasNextPage: 'yes', endCursor: 'a' } }, 'hasNextPage'],
    [{ nodes: { length: 1 } }, 'nodes'],
    [{ nodes: [{ id: 5 }] }, 'id'],
    [{ totalCount: '5' }, 'totalCount'],
    [{ updatedAt: 'yesterday' }, 'updatedAt'],
    [{ pushedAt: 1_772_450_400 }, 'pushedAt'],
  ])('is refused otherwise, and the field named %#', (answer, field) => {
    expect(() => assertAnswerShape({ node: answer })).toThrow(expect.objectContaining({ code: 'GITHUB_ANSWER_UNEXPECTED', message: expect.stringContaining(` ${field} `) }));
  });
});
