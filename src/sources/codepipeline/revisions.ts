import type { SourceRevision } from '@aws-sdk/client-codepipeline';
import type { DeploymentRecord } from '../../engine/model';

/** What a source action took: the SHA where it is one, and the repository where the link names it. */
export function revisionOf({ revisionId, revisionUrl }: SourceRevision): DeploymentRecord['revisions'][number] {
  const sha = revisionId && /^[0-9a-f]{40}$/i.test(revisionId) ? revisionId.toLowerCase() : null;
  return { repository: null, repositoryName: repositoryName(revisionUrl), sha };
}

/** `owner/name` for a connection and for GitHub version 1, the plain name for CodeCommit; null for S3, ECR and the unknown. */
export function repositoryName(revisionUrl: string | undefined): string | null {
  if (!revisionUrl || !URL.canParse(revisionUrl)) {
    return null;
  }
  const url = new URL(revisionUrl);
  const full = url.searchParams.get('FullRepositoryId');
  if (full) {
    return full;
  }
  // `…/codecommit/home#/repository/<name>/…` once, `…/codesuite/codecommit/repositories/<name>/…` now.
  const codeCommit = /\/codecommit\/(?:home#\/repository|repositories)\/([^/?#]+)/.exec(`${url.pathname}${url.hash}`);
  if (codeCommit) {
    return decoded(codeCommit[1]);
  }
  const gitHub = /^\/([^/]+)\/([^/]+)\/commit\//.exec(url.pathname);
  return gitHub ? `${decoded(gitHub[1])}/${decoded(gitHub[2])}` : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The commit message; a connection wraps it into JSON, which AWS may have cut at 2,048 characters. Null for what is no commit. */
export function commitMessage({ revisionSummary }: SourceRevision): string | null {
  if (!revisionSummary || revisionSummary.startsWith('Amazon S3 version id:')) {
    return null;
  }
  if (!/^\s*\{\s*"/.test(revisionSummary)) {
    return revisionSummary;
  }
  try {
    const parsed: unknown = JSON.parse(revisionSummary);
    const message = typeof parsed === 'object' && parsed !== null && 'CommitMessage' in parsed ? parsed.CommitMessage : null;
    return typeof message === 'string' ? message : null;
  } catch {
    const cut = /"CommitMessage"\s*:\s*"((?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*)/.exec(revisionSummary)?.[1];
    return cut === undefined ? null : unescaped(cut);
  }
}

function unescaped(json: string): string | null {
  try {
    return JSON.parse(`"${json}"`) as string;
  } catch {
    return null;
  }
}
