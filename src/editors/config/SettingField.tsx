import { Field } from '@grafana/ui';
import { useId, type ReactNode } from 'react';
import { useProblem } from './problems';

interface SettingFieldProps {
  label: string;
  /** Path in `jsonData`, by which problems are found. */
  path: string;
  description?: ReactNode;
  required?: boolean;
  children: (control: { id: string; invalid: boolean }) => ReactNode;
}

/** A labelled setting with what is wrong in it. */
export function SettingField({ label, path, description, required, children }: SettingFieldProps) {
  const id = useId();
  const problem = useProblem(path);
  return (
    <Field label={label} description={description} required={required} htmlFor={id} invalid={problem !== undefined} error={problem} noMargin>
      <>{children({ id, invalid: problem !== undefined })}</>
    </Field>
  );
}
