import type { Source } from '../sources/source';

/** Every place that facts come from. */
export const sources: readonly Source[] = [];
