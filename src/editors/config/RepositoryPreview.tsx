import { t } from '@grafana/i18n';
import { Badge, Stack, Text } from '@grafana/ui';
import { useCallback } from 'react';
import { useAnswer } from '../controls/useAnswer';
import { AS_TEXT } from '../../texts';
import { globMatches, literalPart } from './globMatches';
import type { Resources } from './resources';

/** As many as the backend gives at once. */
const LIMIT = 1_000;
const SHOWN = 8;

interface RepositoryPreviewProps {
  patterns: readonly string[];
  resources: Resources;
  /** False until the connection was saved: before that nobody can ask. */
  connected: boolean;
}

/** Which repositories each pattern matches, as far as the saved connection can see. */
export function RepositoryPreview({ patterns, resources, connected }: RepositoryPreviewProps) {
  const key = patterns.join('\n');
  const load = useCallback(async () => {
    if (!connected || key === '') {
      return [];
    }
    const texts = [...new Set(key.split('\n').map(literalPart))];
    const found = await Promise.all(texts.map((text) => resources.repositories(text, LIMIT)));
    return [...new Set(found.flat())].sort((a, b) => a.localeCompare(b));
  }, [connected, key, resources]);
  const answer = useAnswer(load);

  if (patterns.length === 0) {
    return null;
  }
  if (!connected) {
    return (
      <Text variant="bodySmall" color="secondary" element="p">
        {t('config.preview.save-first', 'Save & test first: then this shows which repositories the patterns match.')}
      </Text>
    );
  }
  if (answer.state === 'failed') {
    return (
      <Text variant="bodySmall" color="warning" element="p">
        {t('config.preview.failed', 'The repositories could not be looked up. {{reason}}', { reason: answer.message, ...AS_TEXT })}
      </Text>
    );
  }
  // While names are looked up every line is there already, so that nothing moves when they come.
  const names = answer.state === 'ready' ? answer.value : null;
  const { patterns: matches, chosen } = globMatches(patterns, names ?? []);
  return (
    <div data-testid="dora-repository-preview" aria-live="polite">
      <Stack direction="column" gap={0.5}>
        {matches.map(({ pattern, names: matched }) => (
          <Stack key={pattern} direction="row" gap={1} alignItems="center" wrap="wrap">
            {names === null ? (
              <Badge color="blue" icon="sync" text={pattern} />
            ) : (
              <Badge color={matched.length > 0 ? 'green' : 'orange'} icon={matched.length > 0 ? 'check' : 'exclamation-triangle'} text={pattern} />
            )}
            <Text variant="bodySmall" color="secondary">
              {names === null ? t('config.preview.loading', 'Looking up repositories…') : sentence(pattern, matched)}
            </Text>
          </Stack>
        ))}
        {patterns.length > 1 && (
          <Text variant="bodySmall" element="p">
            {names === null
              ? '…'
              : t('config.preview.together', 'Together {{count}} repositories.', { count: chosen.length, defaultValue_one: 'Together {{count}} repository.' })}
          </Text>
        )}
      </Stack>
    </div>
  );
}

function sentence(pattern: string, names: readonly string[]): string {
  if (names.length === 0) {
    return t('config.preview.none', 'matches no repository that this connection can read');
  }
  const more = names.length - SHOWN;
  const shown = names.slice(0, SHOWN).join(', ');
  const listed = more > 0 ? t('config.preview.more', '{{names}} and {{count}} more', { names: shown, count: more, ...AS_TEXT }) : shown;
  return pattern.startsWith('!')
    ? t('config.preview.leaves-out', 'leaves out {{count}} repositories: {{names}}', {
        count: names.length,
        names: listed,
        defaultValue_one: 'leaves out {{count}} repository: {{names}}',
        ...AS_TEXT,
      })
    : t('config.preview.matches', 'matches {{count}} repositories: {{names}}', {
        count: names.length,
        names: listed,
        defaultValue_one: 'matches {{count}} repository: {{names}}',
        ...AS_TEXT,
      });
}
