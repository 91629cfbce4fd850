import { DraftInput } from '../controls/DraftInput';

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

/** A name at CloudWatch: free text. */
export function PublishedName({ label, tooltip, value = '', usual, onChange, testId }: PublishedNameProps) {
  return (
    <DraftInput
      label={label}
      tooltip={tooltip}
      testId={testId}
      value={value}
      width={28}
      maxLength={LONGEST}
      placeholder={usual}
      optional
      onTake={(name) => {
        if (name !== value) {
          onChange(name === '' ? undefined : name);
        }
      }}
    />
  );
}
