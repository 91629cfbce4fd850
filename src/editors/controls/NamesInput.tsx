import { MultiCombobox, type ComboboxOption } from '@grafana/ui';
import { useCallback, useEffect, useMemo, useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';
import { closestName } from './closestName';
import { useOncePerTask } from './useOncePerTask';

interface NamesInputProps {
  id: string;
  value: readonly string[];
  onChange: (names: string[]) => void;
  /** Names to choose from; a function searches for those that contain a text. */
  names?: readonly string[] | ((text: string) => Promise<string[]>);
  placeholder?: string;
  /**
   * What Enter takes of a typed text: the `closest` of the names, or the text itself, `literal`; then leaving the field
   * takes it too, and a pasted list becomes several names.
   */
  typed: 'closest' | 'literal';
  /** What separates several names in one typed or pasted text; only `literal`. */
  separator?: RegExp;
  disabled?: boolean;
  invalid?: boolean;
  width?: number;
  ariaLabelledBy?: string;
  testId: string;
}

const NONE: readonly string[] = [];
const SEPARATOR = '\u0000';

/** Several names or patterns: chosen from a list or typed, by mouse or by keyboard alone. */
export function NamesInput({ id, value, onChange, names = NONE, placeholder, typed, separator = /[,\n]+/, disabled, invalid, width, ariaLabelledBy, testId }: NamesInputProps) {
  const container = useRef<HTMLDivElement>(null);
  // A new key empties the text that was typed: the combobox keeps it as a filter otherwise.
  const [round, setRound] = useState(0);
  const refocus = useRef(false);
  const change = useOncePerTask(onChange);

  useEffect(() => {
    if (refocus.current) {
      refocus.current = false;
      container.current?.querySelector('input')?.focus();
    }
  }, [round]);

  const options = useCallback(
    async (text: string): Promise<ComboboxOption[]> => {
      const found = typeof names === 'function' ? await names(text).catch(() => []) : names;
      const lower = text.toLowerCase();
      const matching = found.filter((name) => name.toLowerCase().includes(lower));
      return matching.map((name) => ({ value: name, label: name }));
    },
    [names]
  );

  const key = value.join(SEPARATOR);
  const selected = useMemo(() => (key === '' ? [] : key.split(SEPARATOR)).map((name) => ({ value: name, label: name })), [key]);

  const add = (texts: string[]): void => {
    const added = texts.filter((one) => one !== '' && !value.includes(one));
    if (added.length > 0) {
      change([...value, ...new Set(added)]);
    }
    setRound((count) => count + 1);
  };

  const take = async (text: string): Promise<void> => {
    if (typed === 'literal') {
      add(text.split(separator).map((part) => part.trim()));
      return;
    }
    // Who types fast is ahead of the list.
    const known = typeof names === 'function' ? await names(text.trim()).catch(() => NONE) : names;
    add([closestName(text.trim(), known)]);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const input = event.target;
    if (event.key !== 'Enter' || !(input instanceof HTMLInputElement)) {
      return;
    }
    if (input.value.trim() !== '' && !input.getAttribute('aria-activedescendant')) {
      event.preventDefault();
      event.stopPropagation();
      refocus.current = true;
      void take(input.value);
    }
  };

  const onBlur = (event: FocusEvent<HTMLDivElement>): void => {
    const input = event.target;
    if (typed === 'literal' && input instanceof HTMLInputElement && input.value.trim() !== '') {
      void take(input.value);
    }
  };

  return (
    <div ref={container} onKeyDownCapture={onKeyDown} onBlurCapture={onBlur}>
      <MultiCombobox<string>
        key={round}
        id={id}
        aria-labelledby={ariaLabelledBy}
        data-testid={testId}
        value={selected}
        options={options}
        onChange={(chosen) => change(chosen.map((option) => option.value))}
        createCustomValue
        placeholder={placeholder}
        disabled={disabled}
        invalid={invalid}
        isClearable={!disabled}
        {...(width === undefined ? {} : { width })}
      />
    </div>
  );
}
