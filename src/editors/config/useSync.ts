import { useCallback, useEffect, useRef, useState } from 'react';
import type { SyncAnswer } from '../../shared/resources';
import { messageOf } from '../controls/useAnswer';
import type { Resources } from './resources';

const WHILE_RUNNING_MS = 2_000;
const WHILE_IDLE_MS = 15_000;

export interface Sync {
  status: SyncAnswer | null;
  /** Why the status could not be read or a pass not be started. */
  failure: string | null;
  starting: boolean;
  start: () => void;
}

function neverRan({ sources }: SyncAnswer): boolean {
  return sources.length > 0 && sources.every((source) => !source.running && source.lastSuccessAt === null && source.scopes.length === 0);
}

/** The state of the synchronisation, asked for again and again while the page is open: often while it runs. */
export function useSync(resources: Resources, active: boolean): Sync {
  const [status, setStatus] = useState<SyncAnswer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const [asked, setAsked] = useState(0);
  const begun = useRef(false);

  useEffect(() => {
    if (!active) {
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wanted = true;
    const ask = async (): Promise<void> => {
      let running = false;
      try {
        const answer = await resources.sync();
        running = answer.sources.some((source) => source.running);
        if (wanted) {
          setStatus(answer);
          setFailure(null);
        }
        if (wanted && !begun.current && neverRan(answer)) {
          // Who has just saved the first settings wants to see something happen. A reader without the right to start one waits.
          begun.current = true;
          await resources.syncNow().then(setStatus, () => undefined);
          running = true;
        }
      } catch (error) {
        if (wanted) {
          setFailure(messageOf(error));
        }
      }
      if (wanted) {
        timer = setTimeout(() => void ask(), running ? WHILE_RUNNING_MS : WHILE_IDLE_MS);
      }
    };
    void ask();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [active, asked, resources]);

  const start = useCallback(() => {
    setStarting(true);
    resources
      .syncNow()
      .then(
        (answer) => {
          setStatus(answer);
          setFailure(null);
          // Asks again at once, and then as often as a running pass is worth.
          setAsked((count) => count + 1);
        },
        (error: unknown) => setFailure(messageOf(error))
      )
      .finally(() => setStarting(false));
  }, [resources]);

  return { status, failure, starting, start };
}
