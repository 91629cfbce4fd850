import { Field, SecretInput, SecretTextArea } from '@grafana/ui';
import { useId, type ReactNode } from 'react';
import type { SecretName } from '../../shared/settings';
import type { ConfigEditorProps } from './settings';

interface SecretSettingProps {
  name: SecretName;
  label: string;
  description?: ReactNode;
  placeholder?: string;
  required?: boolean;
  multiline?: boolean;
  readOnly: boolean;
  options: ConfigEditorProps['options'];
  onOptionsChange: ConfigEditorProps['onOptionsChange'];
}

/** A secret: written once, never shown again, only replaced. */
export function SecretSetting({ name, label, description, placeholder, required, multiline, readOnly, options, onOptionsChange }: SecretSettingProps) {
  const id = useId();
  const props = {
    id,
    'data-testid': `dora-${name}`,
    isConfigured: options.secureJsonFields?.[name] === true,
    value: options.secureJsonData?.[name] ?? '',
    placeholder,
    disabled: readOnly,
    onReset: () =>
      onOptionsChange({
        ...options,
        secureJsonFields: { ...options.secureJsonFields, [name]: false },
        secureJsonData: { ...options.secureJsonData, [name]: '' },
      }),
    onChange: (event: { currentTarget: { value: string } }) =>
      onOptionsChange({ ...options, secureJsonData: { ...options.secureJsonData, [name]: event.currentTarget.value } }),
  };
  return (
    <Field label={label} description={description} required={required} htmlFor={id} noMargin>
      {multiline ? <SecretTextArea {...props} cols={60} rows={6} /> : <SecretInput {...props} width={60} autoComplete="off" />}
    </Field>
  );
}
