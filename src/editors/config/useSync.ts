import { useCallback, useEffect, useRef, useState } from 'react';
import type { SyncAnswer } from '../../shared/resources';
import { askOnNews } from '../../syncFeed';
import { messageOf } from '../controls/useAnswer';
import type { Resources } from './resources';

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

/** The state of the synchronisation while the page is open: told by Grafana Live, or asked for again and again. */
export function useSync(resources: Resources, active: boolean): Sync {
  const [status, setStatus] = useState<SyncAnswer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const begun = useRef(false);

  useEffect(() => {
    if (!active) {
      return undefined;
    }
    const ask = async (): Promise<SyncAnswer> => {
      try {
        const answer = await resources.sync();
        if (begun.current || !neverRan(answer)) {
          return answer;
        }
        // Who has just saved the first settings wants to see something happen. A reader without the right to start one waits.
        begun.current = true;
        return await resources.syncNow().catch(() => answer);
      } catch (error) {
        setFailure(messageOf(error));
        throw error;
      }
    };
    const subscription = askOnNews(resources.uid, ask).subscribe((answer) => {
      setStatus(answer);
      setFailure(null);
    });
    return () => subscription.unsubscribe();
  }, [active, resources]);

  const start = useCallback(() => {
    setStarting(true);
    resources
      .syncNow()
      .then(
        (answer) => {
          setStatus(answer);
          setFailure(null);
        },
        (error: unknown) => setFailure(messageOf(error))
      )
      .finally(() => setStarting(false));
  }, [resources]);

  return { status, failure, starting, start };
}
