/** GitHub redirects once, from a renamed repository. */
const MOST_REDIRECTS = 3;

/** Answers that name another address for the same request. */
const REDIRECTS = new Set([301, 302, 307, 308]);

/**
 * `fetch` that follows a redirect of a read to the same origin only. Any other one is answered as it is: it could lead the
 * token, or the plugin, into a network that the settings do not name.
 */
export async function fetchSameOrigin(address: string, init: RequestInit): Promise<Response> {
  let url = new URL(address);
  for (let followed = 0; ; followed += 1) {
    const answer = await fetch(url, { ...init, redirect: 'manual' });
    const location = answer.headers.get('location');
    if (!REDIRECTS.has(answer.status) || location === null || followed >= MOST_REDIRECTS || (init.method ?? 'GET').toUpperCase() !== 'GET') {
      return answer;
    }
    const next = URL.canParse(location, url) ? new URL(location, url) : null;
    if (next === null || next.origin !== url.origin) {
      return answer;
    }
    await answer.body?.cancel();
    url = next;
  }
}
