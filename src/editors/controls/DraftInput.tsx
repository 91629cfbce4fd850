import { EditorField } from '@grafana/plugin-ui';
import { Input } from '@grafana/ui';
import { useEffect, useId, useState } from 'react';

interface DraftInputProps {
  label: string;
  tooltip: string;
  value: string;
  /** Gets the text without spaces around it. */
  onTake: (text: string) => void;
  /** What is wrong with a text; undefined for one that may be taken. */
  problem?: (text: string) => string | undefined;
  optional?: boolean;
  placeholder?: string;
  maxLength?: number;
  inputMode?: 'numeric' | 'text';
  width: number;
  testId: string;
}

/** A text that is taken when the field is left or Enter is pressed, not while somebody types. */
export function DraftInput({ label, tooltip, value, onTake, problem, optional, placeholder, maxLength, inputMode, width, testId }: DraftInputProps) {
  const id = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const error = problem?.(text.trim());
  const take = (): void => {
    if (error === undefined) {
      setText(text.trim());
      onTake(text.trim());
    }
  };
  return (
    <EditorField label={label} htmlFor={id} tooltip={tooltip} optional={optional} invalid={error !== undefined} error={error}>
      <Input
        id={id}
        data-testid={testId}
        value={text}
        width={width}
        maxLength={maxLength}
        placeholder={placeholder}
        inputMode={inputMode}
        aria-invalid={error !== undefined}
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
