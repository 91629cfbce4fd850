import { useRef } from 'react';

/**
 * Passes a value on, but the same value only once per task of the browser. Comboboxes report a choice again whenever their
 * parent renders before their own effects have ended, as Explore does when a query runs; without this a quick click would
 * run the query until React gives up.
 */
export function useOncePerTask<Value>(send: (value: Value) => void): (value: Value) => void {
  const sent = useRef<string | null>(null);
  return (value) => {
    const key = JSON.stringify(value);
    if (sent.current === key) {
      return;
    }
    sent.current = key;
    setTimeout(() => {
      sent.current = null;
    });
    send(value);
  };
}
