import type { Actor, Commit, Coverage, FactBatch } from '../../engine/model';

/** Kinds of facts, by the number in the `kind` column. Numbers never change meaning. */
export const KINDS = { repositories: 1, pullRequests: 2, deployments: 3, incidents: 4, coverage: 5, commits: 6 } as const;
export type FactKind = keyof typeof KINDS;

const KIND_BY_NUMBER = new Map<number, FactKind>(Object.entries(KINDS).map(([kind, number]) => [number, kind as FactKind]));

export function kindOf(number: unknown): FactKind {
  const kind = KIND_BY_NUMBER.get(Number(number));
  if (!kind) {
    throw new TypeError(`Unknown kind of fact in the store: ${String(number)}`);
  }
  return kind;
}

/** PostgreSQL's texts hold every character but this one; one of its private ones stands for it. */
const NUL = '\0';
const NUL_STAND_IN = '\u{10FFFD}';

export function asText(text: string): string {
  return text.includes(NUL) ? text.replaceAll(NUL, NUL_STAND_IN) : text;
}

export function fromText(text: string): string {
  return text.includes(NUL_STAND_IN) ? text.replaceAll(NUL_STAND_IN, NUL) : text;
}

export interface FactRow {
  kind: number;
  id: string;
  body: string;
}

/** All facts of a batch as rows; of those with the same identity the last. */
export function rowsOf(batch: FactBatch): FactRow[] {
  const rows = new Map<string, FactRow>();
  const put = (kind: FactKind, id: string, body: string): void => {
    rows.set(`${KINDS[kind]} ${id}`, { kind: KINDS[kind], id: asText(id), body });
  };
  for (const kind of ['repositories', 'pullRequests', 'deployments', 'incidents'] as const) {
    for (const fact of batch[kind] ?? []) {
      put(kind, fact.id, JSON.stringify(fact));
    }
  }
  for (const fact of batch.coverage ?? []) {
    put('coverage', coverageId(fact), JSON.stringify(fact));
  }
  for (const commit of batch.commits ?? []) {
    put('commits', commitId(commit.repository, commit.sha), commitBody(commit));
  }
  return [...rows.values()];
}

function coverageId({ kind, scope }: Coverage): string {
  return `${kind} ${scope}`;
}

/** Commits of a repository follow each other; `commitRange` is where they lie. */
export function commitId(repository: string, sha: string): string {
  return asText(`${repository} ${sha}`);
}

export function commitRange(repository: string): [from: string, to: string] {
  return [asText(`${repository} `), asText(`${repository}!`)];
}

/** Ids of a repository's pull requests go on with '#'; '$' is the next character. */
export function pullRequestRange(repository: string): [from: string, to: string] {
  return [asText(`${repository}#`), asText(`${repository}$`)];
}

type CommitBody = [parents: string[], authoredAt: number, committedAt: number, author: string | null, isBot: 0 | 1, headline: string, references: Commit['references']];

/** Commits come by the million: what names a commit is in the id already, and what its fields mean is here. */
function commitBody({ parents, authoredAt, committedAt, author, headline, references }: Commit): string {
  const body: CommitBody = [parents, authoredAt, committedAt, author?.login ?? null, author?.isBot ? 1 : 0, headline, references];
  return JSON.stringify(body);
}

/** Reads rows; keeps one object an actor and a repository, for a few people write very many commits. */
export class RowReader {
  private readonly actors = new Map<string, Actor>();
  private readonly repositories = new Map<string, string>();

  /** @param rows with the id of commits only. */
  batchOf(rows: ReadonlyArray<{ kind: number; id: string | null; body: string }>): FactBatch {
    const bodies = new Map<FactKind, string[]>();
    const commitIds: string[] = [];
    for (const { kind, id, body } of rows) {
      const name = kindOf(kind);
      const listed = bodies.get(name);
      if (listed) {
        listed.push(body);
      } else {
        bodies.set(name, [body]);
      }
      if (id !== null) {
        commitIds.push(id);
      }
    }
    const batch: Record<string, unknown[]> = {};
    for (const [kind, listed] of bodies) {
      // Parsed in one go, which costs less than one by one.
      const parsed = JSON.parse(`[${listed.join(',')}]`) as unknown[];
      batch[kind] = kind === 'commits' ? parsed.map((body, index) => this.commitOf(commitIds[index], body as CommitBody)) : parsed;
    }
    return batch;
  }

  private commitOf(text: string, [parents, authoredAt, committedAt, login, isBot, headline, references]: CommitBody): Commit {
    const id = fromText(text);
    // A SHA may be anything, an id of a repository has no blank.
    const blank = id.indexOf(' ');
    return { repository: this.repositoryOf(id.slice(0, blank)), sha: id.slice(blank + 1), parents, authoredAt, committedAt, author: login === null ? null : this.actorOf(login, isBot === 1), headline, references };
  }

  private repositoryOf(id: string): string {
    const known = this.repositories.get(id);
    if (known === undefined) {
      this.repositories.set(id, id);
    }
    return known ?? id;
  }

  private actorOf(login: string, isBot: boolean): Actor {
    const key = `${isBot ? 1 : 0}${login}`;
    let actor = this.actors.get(key);
    if (!actor) {
      actor = { login, isBot };
      this.actors.set(key, actor);
    }
    return actor;
  }
}
