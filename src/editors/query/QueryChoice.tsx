import type { FilledPanelQuery, PanelQuery, Variable } from '../../panelQuery';
import { Choice } from '../controls/Choice';
import { choiceOf, type ChoiceField } from './choices';

export interface QueryFieldProps {
  query: FilledPanelQuery;
  app: string | undefined;
  variables: Variable[];
  onChange: (patch: Partial<PanelQuery>) => void;
}

/** One field of a query that is one of a few values, or a variable. */
export function QueryChoice({ field, query, app, variables, onChange }: QueryFieldProps & { field: ChoiceField }) {
  const choice = choiceOf(field, query, app);
  // Of the synchronisation there is no series: the default stands for its table.
  const value = field === 'format' && query.queryType === 'sync' && !choice.options.some((option) => option.value === query.format) ? choice.options[0].value : query[field];
  return <Choice<string> {...choice} value={value} variables={variables} onChange={(value) => onChange({ [field]: value })} />;
}
