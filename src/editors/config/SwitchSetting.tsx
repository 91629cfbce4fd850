import { Switch } from '@grafana/ui';
import { SettingField } from './SettingField';

interface SwitchSettingProps {
  label: string;
  path: string;
  value: boolean;
  onChange: (value: boolean) => void;
  description?: string;
  readOnly: boolean;
}

/** A setting that is on or off. */
export function SwitchSetting({ label, path, value, onChange, description, readOnly }: SwitchSettingProps) {
  return (
    <SettingField label={label} path={path} description={description}>
      {({ id }) => <Switch id={id} value={value} disabled={readOnly} onChange={(event) => onChange(event.currentTarget.checked)} />}
    </SettingField>
  );
}
