import { DoraError } from '../../shared/errors';

type Kind = 'text' | 'flag' | 'number' | 'list';

/**
 * What fields of these names hold in GitHub's schema, wherever they stand; each may be null. Those that a pass keeps for the
 * next one are among them: a cursor that is no text would be asked for again and again.
 */
const KINDS: Record<string, Kind> = {
  id: 'text',
  oid: 'text',
  name: 'text',
  nameWithOwner: 'text',
  login: 'text',
  title: 'text',
  url: 'text',
  body: 'text',
  path: 'text',
  message: 'text',
  messageHeadline: 'text',
  tagName: 'text',
  environment: 'text',
  state: 'text',
  headRefName: 'text',
  baseRefName: 'text',
  authoredDate: 'text',
  committedDate: 'text',
  date: 'text',
  endCursor: 'text',
  hasNextPage: 'flag',
  isArchived: 'flag',
  isDraft: 'flag',
  isPrerelease: 'flag',
  number: 'number',
  totalCount: 'number',
  nodes: 'list',
};

/** @throws DoraError GITHUB_ANSWER_UNEXPECTED naming the first field that holds something else than GitHub's schema says. */
export function assertAnswerShape(value: unknown): void {
  if (Array.isArray(value)) {
    value.forEach(assertAnswerShape);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, held] of Object.entries(value)) {
      if (held !== null && !fits(name, held)) {
        throw new DoraError('GITHUB_ANSWER_UNEXPECTED', `The field ${name} of an answer does not hold what GitHub gives there.`);
      }
      assertAnswerShape(held);
    }
  }
}

function fits(name: string, held: unknown): boolean {
  if (name.endsWith('At')) {
    return typeof held === 'string' && !Number.isNaN(Date.parse(held));
  }
  switch (Object.hasOwn(KINDS, name) ? KINDS[name] : null) {
    case 'text':
      return typeof held === 'string';
    case 'flag':
      return typeof held === 'boolean';
    case 'number':
      return typeof held === 'number';
    case 'list':
      return Array.isArray(held);
    default:
      return true;
  }
}
