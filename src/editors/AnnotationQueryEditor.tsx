import { t } from '@grafana/i18n';
import { EditorRow, EditorRows } from '@grafana/plugin-ui';
import { ANNOTATION_KINDS, type AnnotationKind } from '../panelQuery';
import { Choice } from './controls/Choice';
import type { DoraQueryEditorProps } from './QueryEditor';
import { ScopeInput } from './query/ScopeInput';
import { TeamsState } from './query/TeamsState';
import { useScope } from './query/useScope';

function kindLabels(): Record<AnnotationKind, string> {
  return {
    deployments: t('annotation.deployments', 'Deployments'),
    'failed-deployments': t('annotation.failed-deployments', 'Failed deployments'),
    incidents: t('annotation.incidents', 'Incidents, from opening to resolution'),
  };
}

/** Which events an annotation query marks, and whose. */
export default function AnnotationQueryEditor({ query, datasource, onChange, onRunQuery }: DoraQueryEditorProps) {
  const scope = useScope(datasource);
  const labels = kindLabels();

  const change = (patch: Partial<DoraQueryEditorProps['query']>): void => {
    onChange({ ...query, ...patch });
    onRunQuery();
  };

  return (
    <EditorRows>
      <EditorRow>
        <Choice<AnnotationKind>
          label={t('annotation.label', 'Mark')}
          testId="dora-annotate"
          value={query.annotate ?? 'deployments'}
          options={ANNOTATION_KINDS.map((kind) => ({ value: kind, label: labels[kind] }))}
          width={36}
          onChange={(annotate) => change({ annotate })}
        />
        {(['teams', 'services', 'repositories'] as const).map((field) => (
          <ScopeInput key={field} field={field} value={query[field]} scope={scope} onChange={change} />
        ))}
      </EditorRow>
      <TeamsState teams={scope.teams} uid={datasource.uid} />
    </EditorRows>
  );
}
