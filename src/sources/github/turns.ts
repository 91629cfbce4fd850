/** A scope's place among those that wait for their next page. */
export interface Turn {
  /** Somebody looks at one of its teams now; 0 is the team looked at last, null when nobody does. */
  wanted: number | null;
  /** Pages it was given in this pass. */
  pages: number;
}

/** Of this many pages, one goes to scopes that nobody looks at while others are looked at. */
const SHARE = 4;

/**
 * Whose page is next: index into `turns`, which are in the order of the settings. First a page for each scope that somebody
 * looks at, then round and round, those that are looked at three times out of four. Pure.
 */
export function nextTurn(turns: readonly Turn[], given: number): number {
  const wanted = indicesOf(turns, (turn) => turn.wanted !== null);
  const others = indicesOf(turns, (turn) => turn.wanted === null);
  if (wanted.length === 0 || others.length === 0) {
    return least(turns, wanted.length > 0 ? wanted : others);
  }
  const first = wanted.filter((index) => turns[index].pages === 0);
  if (first.length > 0) {
    return least(turns, first);
  }
  return least(turns, given % SHARE === SHARE - 1 ? others : wanted);
}

function indicesOf(turns: readonly Turn[], which: (turn: Turn) => boolean): number[] {
  return turns.flatMap((turn, index) => (which(turn) ? [index] : []));
}

/** Fewest pages first, then the team looked at last, then the order of the settings. */
function least(turns: readonly Turn[], indices: readonly number[]): number {
  return indices.reduce((best, index) => {
    const [a, b] = [turns[index], turns[best]];
    const order = a.pages - b.pages || (a.wanted ?? 0) - (b.wanted ?? 0);
    return order < 0 ? index : best;
  }, indices[0]);
}
