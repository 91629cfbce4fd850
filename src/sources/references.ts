import type { Reference } from '../engine/model';

/** The texts of one pull request, commit, issue or execution; what is absent is left out. */
export interface ReferencingTexts {
  /** Title of a pull request, issue or OpsItem, or the first line of a commit message. */
  title?: string | null;
  /** Body of a pull request or issue, or the rest of a commit message. */
  body?: string | null;
  branch?: string | null;
}

/** A text may be a pasted log; nobody names more things than this on purpose. */
const MOST_REFERENCES = 100;
const LONGEST_TEXT = 65_536;

const NUMBER = '(?:[\\w.-]+/[\\w.-]+)?#\\d+';
const ADDRESS = 'https?://[^\\s/]+/[\\w.-]+/[\\w.-]+/(?:pull|issues|commit)/[0-9a-f]+';
const SHA = '\\b[0-9a-f]{7,40}\\b';
const OPS_ITEM = '\\boi-[0-9a-f]{12}(?![0-9a-z])';
const NAMED = `(?:${ADDRESS}|${NUMBER}|${OPS_ITEM})`;
const NAMED_OR_SHA = `(?:${ADDRESS}|${NUMBER}|${OPS_ITEM}|${SHA})`;

const each = (source: string): RegExp => new RegExp(source, 'gi');
/** `Reverts owner/repo#12`, as GitHub writes it into the body of a revert. */
const REVERTS_NUMBER = each(`(?:^|[\\s(])reverts:?\\s+(${ADDRESS}|${NUMBER})`);
/** `This reverts commit <sha>`, as git writes it; `reversing changes made to <sha>` names the wrong side and is left out. */
const REVERTS_COMMIT = each(`\\bthis\\s+reverts\\s+commits?\\s+(${SHA}(?:(?:\\s*,\\s*|\\s+and\\s+)${SHA})*)`);
const ROOT_CAUSE = each(`\\broot[ -]cause[\\s*_\`]*:[\\s*_\`]*(${NAMED_OR_SHA}(?:(?:\\s*,\\s*|\\s+and\\s+)${NAMED_OR_SHA})*)`);
/** The keywords with which GitHub closes issues. */
const CLOSING = each(`\\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\\s+(${NAMED}(?:\\s*,\\s*${NAMED})*)`);
const REVERT_BRANCH = /(?:^|\/)revert-(\d+)-/i;
/** `Revert "title of the reverted one (#12)"`: only what the outermost quotes end with was reverted. */
const REVERT_TITLE = /^\s*revert(?:ed)?:?\s+["“](.*)["”]/i;

/**
 * What a text names, each target once under its strongest relation (reverts, root-cause, fixes, mentions), in the order
 * of the text. Hidden comments and code do not count: templates and logs name things that nobody meant.
 */
export function referencesOf(texts: ReferencingTexts): Reference[] {
  const title = prepare(texts.title);
  const body = prepare(texts.body);
  const branch = texts.branch ?? '';
  const found = new Map<string, Reference>();
  const add = (relation: Reference['relation'], target: string | null): void => {
    if (target !== null && !found.has(target) && found.size < MOST_REFERENCES) {
      found.set(target, { relation, target });
    }
  };
  const addAll = (relation: Reference['relation'], pattern: RegExp, text: string): void => {
    for (const match of text.matchAll(pattern)) {
      for (const named of match[1].matchAll(each(NAMED_OR_SHA))) {
        add(relation, normalise(named[0]));
      }
    }
  };

  const branchRevert = REVERT_BRANCH.exec(branch);
  if (branchRevert) {
    add('reverts', `#${branchRevert[1]}`);
  }
  addAll('reverts', REVERTS_NUMBER, body);
  addAll('reverts', REVERTS_COMMIT, body);
  const quoted = REVERT_TITLE.exec(title)?.[1];
  const revertedNumber = quoted === undefined ? null : /\(#(\d+)\)\s*$/.exec(quoted);
  if (revertedNumber) {
    add('reverts', `#${revertedNumber[1]}`);
  }
  // What stands inside the quotes of a revert's title belongs to the reverted one.
  const ownTitle = quoted === undefined ? title : title.replace(quoted, '');
  for (const text of [ownTitle, body]) {
    addAll('root-cause', ROOT_CAUSE, text);
  }
  for (const text of [ownTitle, body]) {
    addAll('fixes', CLOSING, text);
  }
  for (const text of [title, body, branch]) {
    for (const named of text.matchAll(each(OPS_ITEM))) {
      add('mentions', normalise(named[0]));
    }
  }
  for (const text of [ownTitle, body]) {
    for (const named of text.matchAll(each(`(?:${ADDRESS}|(?<![\\w&/])${NUMBER}|\\b[0-9a-f]{40}\\b)`))) {
      add('mentions', normalise(named[0]));
    }
  }
  return [...found.values()];
}

/** A commit message's references: its first line is the title; the number that a squash merge appends is its own. */
export function referencesOfMessage(message: string): Reference[] {
  const { headline, rest } = splitMessage(message);
  return referencesOf({ title: headline.replace(/\s*\(#\d+\)\s*$/, ''), body: rest });
}

/** First line of a commit message, and what follows it. */
export function splitMessage(message: string): { headline: string; rest: string } {
  const end = message.indexOf('\n');
  return end < 0 ? { headline: message.trim(), rest: '' } : { headline: message.slice(0, end).trim(), rest: message.slice(end + 1) };
}

function prepare(text: string | null | undefined): string {
  return (text ?? '')
    .slice(0, LONGEST_TEXT)
    .replace(/<!--[\s\S]*?(?:-->|$)/g, ' ')
    .replace(/```[\s\S]*?(?:```|$)/g, ' ');
}

/** `owner/repo#12`, `#12`, a lower-case SHA or a lower-case OpsItem id; null when it is none of them after all. */
function normalise(named: string): string | null {
  const address = /^https?:\/\/[^/]+\/([\w.-]+\/[\w.-]+)\/(pull|issues|commit)\/([0-9a-f]+)$/i.exec(named);
  if (address) {
    const [, repository, kind, id] = address;
    if (kind.toLowerCase() === 'commit') {
      return /^[0-9a-f]{7,40}$/i.test(id) ? id.toLowerCase() : null;
    }
    return /^\d+$/.test(id) ? `${repository}#${Number(id)}` : null;
  }
  if (named.includes('#')) {
    return named;
  }
  return named.toLowerCase();
}
