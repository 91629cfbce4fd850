import { EditorField } from '@grafana/plugin-ui';
import { Input } from '@grafana/ui';
import { useEffect, useId, useState } from 'react';
import { isVariable, type Variable } from '../../panelQuery';
import { DEFAULT_QUERY } from '../../shared/queryOptions';

const LONGEST = 366;

/** A number of days as somebody types it, or null for what a query cannot take. */
export function readRollingDays(text: string): number | Variable | null {
  const trimmed = text.trim();
  if (trimmed === '') {
    return DEFAULT_QUERY.rollingDays;
  }
  if (isVariable(trimmed)) {
    return trimmed;
  }
  const days = Number(trimmed);
  return Number.isInteger(days) && days >= 1 && days <= LONGEST ? days : null;
}

interface RollingDaysProps {
  value: number | Variable;
  onChange: (days: number | Variable) => void;
}

/** Taken when the field is left or Enter is pressed, not while somebody types. */
export function RollingDays({ value, onChange }: RollingDaysProps) {
  const id = useId();
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  const days = readRollingDays(text);
  const take = (): void => {
    if (days === null) {
      return;
    }
    setText(String(days));
    if (days !== value) {
      onChange(days);
    }
  };
  return (
    <EditorField
      label="Rolling days"
      htmlFor={id}
      tooltip="Length of the window that each point looks back over."
      invalid={days === null}
      error={`A whole number from 1 to ${LONGEST}`}
    >
      <Input
        id={id}
        data-testid="dora-rolling-days"
        value={text}
        width={14}
        inputMode="numeric"
        aria-invalid={days === null}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            take();
          }
        }}
      />
    </EditorField>
  );
}
