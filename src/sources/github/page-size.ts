/** How many objects to ask for at once: halved when GitHub finds it too much, and slowly grown back. */
export interface PageSize {
  size: number;
  /** Whole pages since the last change. */
  streak: number;
  /** Whole pages before the next growth. */
  patience: number;
}

const GROWTH = 4;
const MOST_PATIENCE = 64;

export function startingPageSize(size: number): PageSize {
  return { size, streak: 0, patience: 1 };
}

/** After a page that came whole. */
export function afterWholePage(page: PageSize, most: number): PageSize {
  const streak = page.streak + 1;
  if (streak < page.patience || page.size >= most) {
    return { ...page, streak: Math.min(streak, page.patience) };
  }
  return { ...page, size: Math.min(most, page.size + GROWTH), streak: 0 };
}

/** After a page that was too heavy; each time, the way back takes twice as long. Null when there is nothing left to halve. */
export function afterHeavyPage(page: PageSize): PageSize | null {
  if (page.size <= 1) {
    return null;
  }
  return { size: Math.floor(page.size / 2), streak: 0, patience: Math.min(MOST_PATIENCE, Math.max(4, page.patience * 2)) };
}
