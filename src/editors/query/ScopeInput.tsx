import { EditorField } from '@grafana/plugin-ui';
import { useId } from 'react';
import { NamesInput } from '../controls/NamesInput';

interface ScopeInputProps {
  label: string;
  value: readonly string[];
  names: readonly string[] | ((text: string) => Promise<string[]>);
  placeholder: string;
  tooltip: string;
  onChange: (names: string[]) => void;
  testId: string;
  width?: number;
}

/** Names or patterns that a query is limited to; none means all. */
export function ScopeInput({ label, value, names, placeholder, tooltip, onChange, testId, width = 32 }: ScopeInputProps) {
  const id = useId();
  return (
    <EditorField label={label} htmlFor={id} tooltip={tooltip}>
      <NamesInput id={id} value={value} names={names} typed="closest" placeholder={placeholder} onChange={onChange} testId={testId} width={width} />
    </EditorField>
  );
}
