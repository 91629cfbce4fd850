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
  return <Choice<string> {...choiceOf(field, query, app)} value={query[field]} variables={variables} onChange={(value) => onChange({ [field]: value })} />;
}
