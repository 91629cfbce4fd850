import type { Instant } from '../../engine/model';
import type { JsonValue } from '../../store/store';

/** A JSON object without nesting rules of its own: one event's fields. */
export type EventFields = { [field: string]: JsonValue };

/** What is known of one thing from its events: each field's latest value, with the rank of the event it came from. */
export type MergedEvent = { [field: string]: { rank: Instant; value: JsonValue } };

/**
 * Takes one more event about the same thing. The result depends on the set of events, not on their order or repeats:
 * each field keeps the value of the event with the highest rank, and of equal ranks the value that sorts last.
 * A field that an event leaves out (or gives as null) stays as it was.
 * @param rank the latest moment that the event tells, in milliseconds
 */
export function mergeEvent(known: MergedEvent | undefined, event: EventFields, rank: Instant): MergedEvent {
  const merged: MergedEvent = { ...known };
  for (const [field, value] of Object.entries(event)) {
    if (value === null) {
      continue;
    }
    const before = merged[field];
    if (!before || rank > before.rank || (rank === before.rank && JSON.stringify(value) > JSON.stringify(before.value))) {
      merged[field] = { rank, value };
    }
  }
  return merged;
}

export function fieldsOf(merged: MergedEvent): EventFields {
  return Object.fromEntries(Object.entries(merged).map(([field, { value }]) => [field, value]));
}
