import { Badge, LoadingPlaceholder, Stack, Text } from '@grafana/ui';
import { useCallback } from 'react';
import { useAnswer } from '../controls/useAnswer';
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
        Save & test first: then this shows which repositories the patterns match.
      </Text>
    );
  }
  if (answer.state === 'loading') {
    return <LoadingPlaceholder text="Looking up repositories…" />;
  }
  if (answer.state === 'failed') {
    return (
      <Text variant="bodySmall" color="warning" element="p">
        {`The repositories could not be looked up. ${answer.message}`}
      </Text>
    );
  }
  const { patterns: matches, chosen } = globMatches(patterns, answer.value);
  return (
    <div data-testid="dora-repository-preview" aria-live="polite">
      <Stack direction="column" gap={0.5}>
        {matches.map(({ pattern, names }) => (
          <Stack key={pattern} direction="row" gap={1} alignItems="center" wrap="wrap">
            <Badge color={names.length > 0 ? 'green' : 'orange'} icon={names.length > 0 ? 'check' : 'exclamation-triangle'} text={pattern} />
            <Text variant="bodySmall" color="secondary">
              {sentence(pattern, names)}
            </Text>
          </Stack>
        ))}
        {patterns.length > 1 && (
          <Text variant="bodySmall" element="p">
            {`Together ${count(chosen.length)}.`}
          </Text>
        )}
      </Stack>
    </div>
  );
}

function count(repositories: number): string {
  return repositories === 1 ? '1 repository' : `${repositories} repositories`;
}

function sentence(pattern: string, names: readonly string[]): string {
  if (names.length === 0) {
    return 'matches no repository that this connection can read';
  }
  const listed = names.slice(0, SHOWN).join(', ');
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${pattern.startsWith('!') ? 'leaves out' : 'matches'} ${count(names.length)}: ${listed}${more}`;
}
