import { EditorField } from '@grafana/plugin-ui';
import { Input } from '@grafana/ui';
import { useEffect, useId, useState } from 'react';

/** CloudWatch's own limit for the name of a namespace and of a metric. */
const LONGEST = 255;

interface PublishedNameProps {
  label: string;
  tooltip: string;
  value: string | undefined;
  /** What is read when nothing is written. */
  usual: string;
  /** Undefined for an empty field. */
  onChange: (name: string | undefined) => void;
  testId: string;
}

/** A name at CloudWatch: free text, taken when the field is left or Enter is pressed. */
export function PublishedName({ label, tooltip, value = '', usual, onChange, testId }: PublishedNameProps) {
  const id = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const take = (): void => {
    const name = text.trim();
    setText(name);
    if (name !== value) {
      onChange(name === '' ? undefined : name);
    }
  };
  return (
    <EditorField label={label} htmlFor={id} tooltip={tooltip} optional>
      <Input
        id={id}
        data-testid={testId}
        value={text}
        width={28}
        maxLength={LONGEST}
        placeholder={usual}
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
