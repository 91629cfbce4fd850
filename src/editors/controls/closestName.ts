/**
 * What somebody means who types `text` and presses Enter among `names`: the name itself, a pattern or variable as it is
 * written, else the first name that contains it, else the text.
 */
export function closestName(text: string, names: readonly string[]): string {
  const lower = text.toLowerCase();
  const exact = names.find((name) => name === text) ?? names.find((name) => name.toLowerCase() === lower);
  if (exact !== undefined) {
    return exact;
  }
  if (/[*!$]/.test(text)) {
    return text;
  }
  return names.find((name) => name.toLowerCase().includes(lower)) ?? text;
}
