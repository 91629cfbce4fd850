import { hasSecretShape } from './secretPatterns';
import { fieldPath } from './validation';

/** Names, in lower case, under which people write a secret where everybody can read it. */
const SECRET_FIELDS = new Set([
  'githubtoken',
  'githubappprivatekey',
  'accesskey',
  'accesskeyid',
  'secretkey',
  'secretaccesskey',
  'sessiontoken',
  'webhooksecret',
  'token',
  'privatekey',
  'password',
]);

/** Names in it are the user's own. */
const FREE_FIELD = 'operationalData';

const MESSAGE = 'is a secret: whoever may see the data source can read it here. It is not used. Remove it, replace the secret at its provider, and enter the new one in the secret field (secureJsonData)';

interface Place {
  key: PropertyKey;
  within: Place | null;
}

export interface MisplacedSecret {
  /** As users write it. */
  field: string;
  path: readonly PropertyKey[];
  message: string;
}

/**
 * Secrets that stand in `jsonData`, which Grafana neither encrypts nor hides. Found by their field's name or by their shape;
 * the value itself is never repeated.
 */
export function misplacedSecrets(json: unknown): MisplacedSecret[] {
  const found: MisplacedSecret[] = [];
  // A list of what is left to look at instead of recursion: settings of any depth are safe.
  const left: Array<{ value: unknown; place: Place | null; free: boolean }> = [{ value: json, place: null, free: false }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { value, place, free } = next;
    const name = place?.key;
    if (typeof value === 'string') {
      const named = !free && typeof name === 'string' && value !== '' && SECRET_FIELDS.has(name.toLowerCase());
      if (named || hasSecretShape(value)) {
        const path = pathTo(place);
        found.push({ field: fieldPath(path), path, message: MESSAGE });
      }
    } else if (typeof value === 'object' && value !== null) {
      const entries: Array<[PropertyKey, unknown]> = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
      for (const [key, item] of entries) {
        left.push({ value: item, place: { key, within: place }, free: free || name === FREE_FIELD });
      }
    }
  }
  return found.sort((a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : 0));
}

function pathTo(place: Place | null): PropertyKey[] {
  const path: PropertyKey[] = [];
  for (let at = place; at !== null; at = at.within) {
    path.push(at.key);
  }
  return path.reverse();
}
