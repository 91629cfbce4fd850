import { GitHubSource } from '../sources/github/github-source';
import type { Source } from '../sources/source';

/** Every place that facts come from. */
export const sources: readonly Source[] = [new GitHubSource()];
