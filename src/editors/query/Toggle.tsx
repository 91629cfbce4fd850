import { EditorField, EditorSwitch } from '@grafana/plugin-ui';
import { useId } from 'react';

interface ToggleProps {
  label: string;
  tooltip: string;
  value: boolean;
  onChange: (value: boolean) => void;
  testId: string;
}

/** A labelled switch. */
export function Toggle({ label, tooltip, value, onChange, testId }: ToggleProps) {
  const id = useId();
  return (
    <EditorField label={label} htmlFor={id} tooltip={tooltip}>
      <EditorSwitch id={id} data-testid={testId} value={value} onChange={(event) => onChange(event.currentTarget.checked)} />
    </EditorField>
  );
}
