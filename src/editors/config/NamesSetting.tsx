import type { ReactNode } from 'react';
import { NamesInput } from '../controls/NamesInput';
import { SettingField } from './SettingField';

interface NamesSettingProps {
  label: string;
  path: string;
  value: readonly string[];
  onChange: (names: string[]) => void;
  names?: readonly string[] | ((text: string) => Promise<string[]>);
  description?: ReactNode;
  placeholder?: string;
  required?: boolean;
  readOnly: boolean;
  separator?: RegExp;
  testId: string;
}

/** A setting that is a list of names or patterns. */
export function NamesSetting({ label, path, description, required, readOnly, ...input }: NamesSettingProps) {
  return (
    <SettingField label={label} path={path} description={description} required={required}>
      {({ id, invalid }) => <NamesInput id={id} typed="literal" invalid={invalid} disabled={readOnly} {...input} />}
    </SettingField>
  );
}
