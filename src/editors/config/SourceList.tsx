import { t } from '@grafana/i18n';
import { Box, Button, IconButton, Stack, Text } from '@grafana/ui';
import { useMemo } from 'react';
import { ChoiceSetting } from './ChoiceSetting';
import { NamesSetting } from './NamesSetting';
import type { Resources } from './resources';
import { replaced, without } from './settings';
import type { SourceKinds } from './sourceKinds';
import { SwitchSetting } from './SwitchSetting';
import { TextSetting } from './TextSetting';

interface SourceListProps<Source extends { from: string }> {
  /** For the words of buttons and test ids. */
  what: 'deployment' | 'incident';
  /** Path of the list in `jsonData`. */
  path: string;
  sources: readonly Source[];
  kinds: SourceKinds<Source>;
  onChange: (sources: Source[]) => void;
  resources: Resources;
  readOnly: boolean;
  /** What an empty list means. */
  emptyText: string;
}

/** Where deployments or incidents of a team come from: one or several sources, each with the fields of its kind. */
export function SourceList<Source extends { from: string }>({ what, path, sources, kinds, onChange, resources, readOnly, emptyText }: SourceListProps<Source>) {
  const froms = Object.keys(kinds) as Array<Source['from']>;
  const options = useMemo(
    () => (Object.keys(kinds) as Array<Source['from']>).map((from) => ({ value: from, label: kinds[from].label, description: kinds[from].help })),
    [kinds]
  );
  const texts = textsOf(what);
  const unused = froms.find((from) => !sources.some((source) => source.from === from)) ?? froms[0];

  return (
    <Stack direction="column" gap={1}>
      {sources.map((source, index) => (
        <Box key={index} padding={1.5} borderStyle="solid" borderColor="weak" borderRadius="default" data-testid={`dora-${what}-source`}>
          <Stack direction="column" gap={1.5}>
            <Stack direction="row" justifyContent="space-between" alignItems="flex-start">
              <ChoiceSetting<Source['from']>
                label={texts.from}
                path={`${path}[${index}].from`}
                testId={`dora-${what}-from`}
                value={source.from}
                options={options}
                readOnly={readOnly}
                onChange={(from) => onChange(replaced(sources, index, { from } as Source))}
              />
              {!readOnly && <IconButton name="trash-alt" tooltip={texts.remove(index + 1)} onClick={() => onChange(without(sources, index))} />}
            </Stack>
            <Text variant="bodySmall" color="secondary">
              {kinds[source.from as Source['from']]?.help ?? t('config.sources.unknown', 'Unknown kind of source')}
            </Text>
            {fieldsOf(kinds, source).map((field) => (
              <SourceFieldInput
                key={`${field.name}-${'filter' in field ? field.filter : ''}`}
                field={field}
                path={`${path}[${index}].${field.name}${'filter' in field ? `.${field.filter}` : ''}`}
                value={readField(source, field)}
                resources={resources}
                readOnly={readOnly}
                onChange={(value) => onChange(replaced(sources, index, writeField(source, field, value)))}
              />
            ))}
          </Stack>
        </Box>
      ))}
      {sources.length === 0 && (
        <Text variant="bodySmall" color="secondary">
          {emptyText}
        </Text>
      )}
      {!readOnly && (
        <div>
          <Button size="sm" variant="secondary" icon="plus" type="button" onClick={() => onChange([...sources, { from: unused } as Source])}>
            {texts.add}
          </Button>
        </div>
      )}
    </Stack>
  );
}

function textsOf(what: 'deployment' | 'incident'): { from: string; add: string; remove: (number: number) => string } {
  return what === 'deployment'
    ? {
        from: t('config.sources.deployments-from', 'Deployments from'),
        add: t('config.sources.add-deployment', 'Add deployment source'),
        remove: (number) => t('config.sources.remove-deployment', 'Remove deployment source {{number}}', { number }),
      }
    : {
        from: t('config.sources.incidents-from', 'Incidents from'),
        add: t('config.sources.add-incident', 'Add incident source'),
        remove: (number) => t('config.sources.remove-incident', 'Remove incident source {{number}}', { number }),
      };
}

/** A field without the kind of its source, which only the table of kinds knows. */
type AnyField = { label: string; help?: string; placeholder?: string; lookUp?: 'repositories' | 'pipelines' | 'environments'; name: string } & (
  | { kind: 'text' | 'names' | 'flag' }
  | { kind: 'text' | 'names' | 'pairs'; filter: string }
);

function fieldsOf<Source extends { from: string }>(kinds: SourceKinds<Source>, source: Source): AnyField[] {
  return kinds[source.from as Source['from']]?.fields ?? [];
}

type FieldValue = string | string[] | boolean | Record<string, string> | undefined;

function readField(source: object, field: AnyField): FieldValue {
  const holder = ('filter' in field ? (source as Record<string, unknown>)[field.name] : source) as Record<string, FieldValue> | undefined;
  return holder?.['filter' in field ? field.filter : field.name];
}

/** The source with the field set, or without it where nothing was entered. */
function writeField<Source extends object>(source: Source, field: AnyField, value: FieldValue): Source {
  if (!('filter' in field)) {
    return withEntry(source, field.name, value);
  }
  const filters = withEntry((source as Record<string, object | undefined>)[field.name] ?? {}, field.filter, value);
  return withEntry(source, field.name, Object.keys(filters).length > 0 ? filters : undefined);
}

function withEntry<Holder extends object>(holder: Holder, name: string, value: FieldValue | object): Holder {
  const { [name]: _, ...rest } = holder as Record<string, unknown>;
  const empty = value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0);
  return (empty ? rest : { ...rest, [name]: value }) as Holder;
}

interface SourceFieldInputProps {
  field: AnyField;
  path: string;
  value: FieldValue;
  resources: Resources;
  readOnly: boolean;
  onChange: (value: FieldValue) => void;
}

function SourceFieldInput({ field, path, value, resources, readOnly, onChange }: SourceFieldInputProps) {
  const { label, help, placeholder, lookUp } = field;
  const names = useMemo(
    () =>
      lookUp === 'repositories'
        ? (text: string) => resources.repositories(text)
        : lookUp === 'pipelines'
          ? (text: string) => resources.pipelines(text)
          : lookUp === 'environments'
            ? () => resources.environments()
            : undefined,
    [lookUp, resources]
  );
  switch (field.kind) {
    case 'flag':
      return <SwitchSetting label={label} path={path} description={help} value={value === true} readOnly={readOnly} onChange={onChange} />;
    case 'text':
      return (
        <TextSetting label={label} path={path} description={help} placeholder={placeholder} value={typeof value === 'string' ? value : ''} readOnly={readOnly} onChange={onChange} />
      );
    case 'names':
      return (
        <NamesSetting
          label={label}
          path={path}
          description={help}
          placeholder={placeholder}
          names={names}
          value={typeof value === 'string' ? [value] : Array.isArray(value) ? value : []}
          readOnly={readOnly}
          testId={`dora-source-${field.name}`}
          onChange={onChange}
        />
      );
    case 'pairs':
      return (
        <NamesSetting
          label={label}
          path={path}
          description={help ?? t('config.sources.pairs', 'Each as key=value; all must hold.')}
          placeholder={placeholder}
          value={Object.entries(typeof value === 'object' && !Array.isArray(value) ? value : {}).map(([key, text]) => `${key}=${text}`)}
          readOnly={readOnly}
          testId={`dora-source-${field.filter}`}
          onChange={(pairs) => onChange(pairs.length > 0 ? Object.fromEntries(pairs.map(splitPair)) : undefined)}
        />
      );
  }
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}
