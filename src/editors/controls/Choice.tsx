import { t } from '@grafana/i18n';
import { EditorField } from '@grafana/plugin-ui';
import { Combobox, type ComboboxOption } from '@grafana/ui';
import { useId, useMemo } from 'react';
import { useOncePerTask } from './useOncePerTask';

interface ChoiceProps<Value extends string | number> {
  label: string;
  /** Null where nothing is chosen and `placeholder` says what may be. */
  value: Value | null;
  options: Array<ComboboxOption<Value>>;
  onChange: (value: Value) => void;
  /** Help behind the label. */
  tooltip?: string;
  /** In units of the theme's spacing. */
  width?: number;
  /** Dashboard variables that may stand for the value; none outside dashboards. */
  variables?: Value[];
  /** Any text is taken, not only the options. */
  custom?: boolean;
  placeholder?: string;
  disabled?: boolean;
  testId: string;
}

/** One value out of several, with its label. The current value is always among the options, so that nothing stored is hidden. */
export function Choice<Value extends string | number>({
  label,
  value,
  options,
  onChange,
  tooltip,
  width = 25,
  variables,
  custom = false,
  placeholder,
  disabled,
  testId,
}: ChoiceProps<Value>) {
  const id = useId();
  const choose = useOncePerTask(onChange);
  const all = useMemo(() => {
    const group = t('editor.variables', 'Variables');
    const named = [...options, ...(variables ?? []).map((variable) => ({ value: variable, label: String(variable), group }))];
    return value === null || named.some((option) => option.value === value) ? named : [...named, { value, label: String(value) }];
  }, [options, variables, value]);
  return (
    <EditorField label={label} htmlFor={id} tooltip={tooltip}>
      <>
        {/* Names the list of options too, which a label's htmlFor does not reach. */}
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
          placeholder={placeholder}
          width={width}
          disabled={disabled}
        />
      </>
    </EditorField>
  );
}
