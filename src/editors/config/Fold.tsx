import { CollapsableSection, Stack, Text } from '@grafana/ui';
import { useState, type ReactNode } from 'react';

interface FoldProps {
  title: string;
  /** What is inside, in a few words, for the closed state. */
  summary?: string;
  open?: boolean;
  children: ReactNode;
}

/** A part of a form that is folded away until it is wanted. */
export function Fold({ title, summary, open = false, children }: FoldProps) {
  const [isOpen, setOpen] = useState(open);
  return (
    <CollapsableSection
      isOpen={isOpen}
      onToggle={setOpen}
      label={
        <Stack direction="row" gap={1} alignItems="baseline" wrap="wrap">
          <Text variant="body" weight="medium">
            {title}
          </Text>
          {summary && (
            <Text variant="bodySmall" color="secondary">
              {summary}
            </Text>
          )}
        </Stack>
      }
    >
      <Stack direction="column" gap={2}>
        {children}
      </Stack>
    </CollapsableSection>
  );
}
