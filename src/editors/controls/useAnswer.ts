import { t } from '@grafana/i18n';
import { useEffect, useState } from 'react';

export type Loaded<Value> = { state: 'loading' } | { state: 'ready'; value: Value } | { state: 'failed'; message: string };

/** What `load` gave, or why not; loads anew when `load` is another function. A component that has gone gets nothing. */
export function useAnswer<Value>(load: () => Promise<Value>): Loaded<Value> {
  const [answer, setAnswer] = useState<Loaded<Value>>({ state: 'loading' });
  useEffect(() => {
    let wanted = true;
    setAnswer({ state: 'loading' });
    load().then(
      (value) => wanted && setAnswer({ state: 'ready', value }),
      (error: unknown) => wanted && setAnswer({ state: 'failed', message: messageOf(error) })
    );
    return () => {
      wanted = false;
    };
  }, [load]);
  return answer;
}

/** The words of a failed request: the backend's own where it answered. */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null) {
    const { data, message, statusText } = error as { data?: { message?: unknown; remedy?: unknown }; message?: unknown; statusText?: unknown };
    const words = [data?.message, data?.remedy].filter((part): part is string => typeof part === 'string' && part !== '');
    if (words.length > 0) {
      return words.join(' ');
    }
    for (const text of [message, statusText]) {
      if (typeof text === 'string' && text !== '') {
        return text;
      }
    }
  }
  return t('editor.no-answer', 'The data source did not answer.');
}
