import { DoraError } from '../../shared/errors';
import { isSignedBy, SIGNATURE_HEADER } from '../../sources/events/signature';
import type { DataSourceInstance } from '../instance/instance';
import type { Registry } from '../instance/registry';
import { EventLimit } from './event-limit';
import { isEditor } from './resources';
import type { ResourceRequest, Routes } from './router';

/** GitHub's largest webhooks are cut there at 25 MB; what this product reads of them lies far below. */
const LARGEST_BODY = 8 * 1_048_576;
const GITHUB_EVENT_HEADER = 'x-github-event';

/** Facts that other tools push: each is in the store, and so in the next query, when the call is answered. */
export function eventRoutes(registry: Registry): Routes {
  const limit = new EventLimit(() => performance.now());
  const accept = async (request: ResourceRequest, take: (instance: DataSourceInstance, json: unknown) => Promise<void>): Promise<{ accepted: true }> => {
    const instance = registry.get(request.context);
    if (request.body.length > LARGEST_BODY) {
      throw new DoraError('BODY_TOO_LARGE', `The body has more than ${LARGEST_BODY / 1_048_576} MiB.`);
    }
    authorise(request, instance);
    // After the signature: whoever cannot sign must not use up what others may send.
    limit.take(instance.key, request.body.length);
    await take(instance, readBody(request));
    return { accepted: true };
  };
  return {
    'events/deployment': { POST: (request) => accept(request, (instance, json) => instance.events.deployment(json)) },
    'events/incident': { POST: (request) => accept(request, (instance, json) => instance.events.incident(json)) },
    'events/aws': {
      POST: (request) =>
        accept(request, async (instance, json) => {
          const source = await instance.events.aws(json);
          if (source !== null) {
            instance.scheduler.wake(source);
          }
        }),
    },
    'events/github': {
      POST: (request) =>
        accept(request, async (instance, json) => {
          const source = await instance.events.github(header(request, GITHUB_EVENT_HEADER) ?? '', json, instance.settings.settings);
          if (source !== null) {
            instance.scheduler.wake(source);
          }
        }),
    },
  };
}

/**
 * Lets through whom the signature proves, or whose role may edit.
 * @throws DoraError SIGNATURE_INVALID for a wrong signature, and for a webhook without one; FORBIDDEN for everybody else.
 */
function authorise(request: ResourceRequest, instance: DataSourceInstance): void {
  const signature = header(request, SIGNATURE_HEADER);
  const secret = instance.settings.secrets.webhookSecret;
  if (signature !== undefined) {
    if (!secret || !isSignedBy(secret, request.body, signature)) {
      throw new DoraError('SIGNATURE_INVALID', secret ? 'The signature is not that of this body.' : 'The data source has no webhook secret.');
    }
    return;
  }
  if (isEditor(request.context)) {
    return;
  }
  if (header(request, GITHUB_EVENT_HEADER) !== undefined) {
    throw new DoraError('SIGNATURE_INVALID', 'The webhook is not signed.');
  }
  throw new DoraError('FORBIDDEN', 'This needs the Editor or Admin role, or a valid signature.');
}

/** @throws DoraError BODY_INVALID */
function readBody({ body }: ResourceRequest): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body), wellFormed) as unknown;
  } catch {
    throw new DoraError('BODY_INVALID', 'The body is not JSON in UTF-8.', { field: 'body' });
  }
}

/** JSON can write halves of characters (`\\ud83d`), which are in no address and no UTF-8: the sign for unknown ones stands for them. */
function wellFormed(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '\ufffd') : value;
}

function header({ headers }: ResourceRequest, name: string): string | undefined {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return found?.[1].values[0];
}
