import { CloudWatchSource } from '../sources/cloudwatch/source';
import { CodePipelineSource } from '../sources/codepipeline/source';
import { GitHubSource } from '../sources/github/github-source';
import { OpsCenterSource } from '../sources/opscenter/source';
import type { Source } from '../sources/source';

/** Every place that facts come from. */
export const sources: readonly Source[] = [new GitHubSource(), new CodePipelineSource(), new OpsCenterSource(), new CloudWatchSource()];
