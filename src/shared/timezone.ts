const known = new Map<string, boolean>();

/** True for an IANA time zone name that this runtime knows (`UTC`, `Asia/Kathmandu`); false for offsets such as `+02:00`. */
export function isTimeZone(name: string): boolean {
  let answer = known.get(name);
  if (answer === undefined) {
    try {
      new Intl.DateTimeFormat('en-US', { timeZone: name });
      answer = /^[A-Za-z]/.test(name);
    } catch {
      answer = false;
    }
    if (known.size < 1_000) {
      known.set(name, answer);
    }
  }
  return answer;
}
