import type { AccountRegion } from './accounts';

/**
 * Runs `work` over all items, `width` at a time, in the order of the list. After a failure no further item is begun; it
 * is thrown when all that is under way has ended.
 */
export async function inParallel<Item>(items: readonly Item[], width: number, work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (const item of waiting) {
      if (failures.length > 0) {
        return;
      }
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  if (failures.length > 0) {
    throw failures[0];
  }
}

const PLACES_AT_ONCE = 4;

/** Accounts and regions do not wait for one another: each has its own limits of calls. */
export function inEachPlace(places: readonly AccountRegion[], work: (place: AccountRegion) => Promise<void>): Promise<void> {
  return inParallel(places, PLACES_AT_ONCE, work);
}
