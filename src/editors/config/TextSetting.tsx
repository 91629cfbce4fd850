import { Input } from '@grafana/ui';
import type { ReactNode } from 'react';
import { SettingField } from './SettingField';

interface TextSettingProps {
  label: string;
  path: string;
  value: string | number | undefined;
  onChange: (text: string) => void;
  description?: ReactNode;
  placeholder?: string;
  required?: boolean;
  readOnly: boolean;
  width?: number;
  testId?: string;
}

/** A setting that is one text. */
export function TextSetting({ label, path, value, onChange, description, placeholder, required, readOnly, width = 40, testId }: TextSettingProps) {
  return (
    <SettingField label={label} path={path} description={description} required={required}>
      {({ id, invalid }) => (
        <Input
          id={id}
          data-testid={testId}
          value={value ?? ''}
          placeholder={placeholder}
          width={width}
          disabled={readOnly}
          invalid={invalid}
          aria-invalid={invalid}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </SettingField>
  );
}
