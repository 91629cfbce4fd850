import { createContext, useContext } from 'react';
import type { SettingsProblem } from '../../shared/settings';

/** What is wrong in the settings as they stand in the form. */
export const Problems = createContext<readonly SettingsProblem[]>([]);

/** The first problem of a field or of a part of it, such as the third entry of a list; undefined when there is none. */
export function useProblem(path: string): string | undefined {
  const problem = useContext(Problems).find(({ field }) => field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`));
  return problem && capitalised(problem.message);
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
