/** True when a text fits a pattern in which `*` stands for any text; upper and lower case are the same. */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return new RegExp(`^${source}$`, 'i').test(text);
}
