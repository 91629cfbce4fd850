import { t } from '@grafana/i18n';
import { EditorField } from '@grafana/plugin-ui';
import { useId } from 'react';
import { NamesInput } from '../controls/NamesInput';
import type { Scope, ScopeField } from './useScope';

interface ScopeTexts {
  label: string;
  placeholder: string;
  tooltip: string;
}

function textsOf(field: ScopeField): ScopeTexts {
  switch (field) {
    case 'teams':
      return {
        label: t('scope.teams.label', 'Team'),
        placeholder: t('scope.teams.placeholder', 'All teams'),
        tooltip: t('scope.teams.tooltip', 'Names or patterns such as Pay*; a leading ! leaves out. Empty means all.'),
      };
    case 'services':
      return {
        label: t('scope.services.label', 'Services'),
        placeholder: t('scope.services.placeholder', 'All services'),
        tooltip: t('scope.services.tooltip', 'Names or patterns such as api-*; a leading ! leaves out.'),
      };
    case 'repositories':
      return {
        label: t('scope.repositories.label', 'Repositories'),
        placeholder: t('scope.repositories.placeholder', 'All repositories'),
        tooltip: t('scope.repositories.tooltip', 'Names or patterns such as acme/payments-*; a leading ! leaves out.'),
      };
  }
}

interface ScopeInputProps {
  field: ScopeField;
  value: readonly string[] | undefined;
  scope: Scope;
  onChange: (patch: Partial<Record<ScopeField, string[]>>) => void;
  /** Instead of the usual one. */
  tooltip?: string;
  testId?: string;
}

/** Names or patterns that a query is limited to; none means all. */
export function ScopeInput({ field, value = [], scope, onChange, tooltip, testId = `dora-${field}` }: ScopeInputProps) {
  const id = useId();
  const texts = textsOf(field);
  return (
    <EditorField label={texts.label} htmlFor={id} tooltip={tooltip ?? texts.tooltip}>
      <NamesInput
        id={id}
        value={value}
        names={scope.names[field]}
        typed="closest"
        placeholder={texts.placeholder}
        onChange={(names) => onChange({ [field]: names })}
        testId={testId}
        width={32}
      />
    </EditorField>
  );
}
