import { createHash, createPrivateKey } from 'node:crypto';
import { createAppAuth } from '@octokit/auth-app';
import type { Octokit } from '@octokit/rest';
import { DoraError } from '../../shared/errors';
import type { Secrets, Settings } from '../../shared/settings';
import { targets } from '../targets';

export const API_URL_FIELD = 'github.apiUrl';

/** Where and as whom to call. */
export interface Access {
  apiUrl: string;
  /** Tells credentials apart without containing them. */
  key: string;
  /** A GitHub App, whose installation tokens last an hour and can be renewed. */
  isApp: boolean;
  octokitOptions: ConstructorParameters<typeof Octokit>[0];
}

/**
 * @throws DoraError GITHUB_TOKEN_MISSING without a credential, SETTINGS_INVALID for a wrong address or an App without its numbers,
 * TARGET_FORBIDDEN for a host that may not be called.
 */
export function accessOf(settings: Settings, secrets: Secrets): Access {
  const problem = settings.refused?.github;
  if (problem) {
    throw new DoraError('SETTINGS_INVALID', `${problem.field}: ${problem.message}.`, { field: problem.field });
  }
  const apiUrl = settings.github.apiUrl.replace(/\/+$/, '');
  targets.assertAllowed(apiUrl, API_URL_FIELD);
  const keyOf = (...parts: string[]): string => createHash('sha256').update(JSON.stringify([apiUrl, ...parts])).digest('hex');
  if (settings.github.auth === 'app') {
    const { appId, installationId } = settings.github;
    const privateKey = secrets.githubAppPrivateKey;
    if (!privateKey) {
      throw new DoraError('GITHUB_TOKEN_MISSING', 'The private key of the GitHub App is missing.', { field: 'secureJsonData.githubAppPrivateKey' });
    }
    if (!appId) {
      throw new DoraError('SETTINGS_INVALID', 'The App ID of the GitHub App is missing.', { field: 'github.appId' });
    }
    if (!installationId) {
      throw new DoraError('SETTINGS_INVALID', 'The installation ID of the GitHub App is missing.', { field: 'github.installationId' });
    }
    const auth = { appId, installationId, privateKey: readableKey(privateKey) };
    return { apiUrl, key: keyOf('app', appId, installationId, privateKey), isApp: true, octokitOptions: { authStrategy: createAppAuth, auth } };
  }
  const token = secrets.githubToken?.trim();
  if (!token) {
    throw new DoraError('GITHUB_TOKEN_MISSING', 'There is no GitHub token.', { field: 'secureJsonData.githubToken' });
  }
  return { apiUrl, key: keyOf('token', token), isApp: false, octokitOptions: { auth: token } };
}

/** Keys pasted into one line carry their line breaks as `\n`. */
function readableKey(text: string): string {
  const pem = text.trim().replace(/\\n/g, '\n');
  try {
    createPrivateKey(pem);
    return pem;
  } catch {
    // What the parser says may quote the key.
    throw new DoraError('GITHUB_TOKEN_INVALID', 'The private key of the GitHub App cannot be read: it should be the whole PEM file.', { field: 'secureJsonData.githubAppPrivateKey' });
  }
}
