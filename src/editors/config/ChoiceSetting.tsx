import { Combobox, type ComboboxOption } from '@grafana/ui';
import { useMemo } from 'react';
import { useOncePerTask } from '../controls/useOncePerTask';
import { SettingField } from './SettingField';

interface ChoiceSettingProps<Value extends string> {
  label: string;
  path: string;
  value: Value;
  options: Array<ComboboxOption<Value>>;
  onChange: (value: Value) => void;
  description?: string;
  readOnly: boolean;
  custom?: boolean;
  testId: string;
}

/** A setting that is one of several values; the current one is always among them. */
export function ChoiceSetting<Value extends string>({ label, path, value, options, onChange, description, readOnly, custom = false, testId }: ChoiceSettingProps<Value>) {
  const choose = useOncePerTask(onChange);
  const all = useMemo(
    () => (options.some((option) => option.value === value) ? options : [...options, { value, label: value }]),
    [options, value]
  );
  return (
    <SettingField label={label} path={path} description={description}>
      {({ id, invalid }) => (
        <>
          <span id={`${id}-name`} hidden>
            {label}
          </span>
          <Combobox<Value>
            id={id}
            aria-labelledby={`${id}-name`}
            data-testid={testId}
            value={value}
            options={all}
            onChange={(option) => option.value !== value && choose(option.value)}
            createCustomValue={custom}
            width={40}
            disabled={readOnly}
            invalid={invalid}
          />
        </>
      )}
    </SettingField>
  );
}
