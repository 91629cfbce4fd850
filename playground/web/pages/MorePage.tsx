import { css } from '@emotion/css';
import { CoreApp, type DataQuery, type DataSourceApi, type GrafanaTheme2, type MetricFindValue, type QueryEditorProps, toDataFrame } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { type ComponentType, useEffect, useState } from 'react';
import { firstValueFrom } from 'rxjs';
import { ask, rangeOf } from '../grafana/queries';

type Editor = ComponentType<QueryEditorProps<DataSourceApi, DataQuery>>;

const RANGE = { from: 'now-90d', to: 'now' };

interface Props {
  source: DataSourceApi;
}

/** The plugin's other two editors, each with what its answer comes to: what a variable offers, and how many events are marked. */
export function MorePage({ source }: Props) {
  return (
    <>
      <h1>Variables and annotations</h1>
      <Part title="Variable" source={source} start={source.variables?.getDefaultQuery?.() ?? {}} editor={editorOf(source.variables, 'editor')} summarise={(query) => offered(source, query)} />
      <Part title="Annotation" source={source} start={source.annotations?.getDefaultQuery?.() ?? {}} editor={editorOf(source.annotations, 'QueryEditor')} summarise={(query) => marked(source, query)} />
    </>
  );
}

function editorOf(support: unknown, name: 'editor' | 'QueryEditor'): Editor | undefined {
  return (support as Partial<Record<typeof name, Editor>> | undefined)?.[name];
}

interface PartProps extends Props {
  title: string;
  start: object;
  editor: Editor | undefined;
  summarise(query: DataQuery): Promise<string>;
}

function Part({ title, source, start, editor: Editor, summarise }: PartProps) {
  const styles = useStyles2(getStyles);
  const [query, setQuery] = useState<DataQuery>({ refId: 'A', ...start });
  const [summary, setSummary] = useState('…');
  useEffect(() => {
    let wanted = true;
    summarise(query).then(
      (text) => wanted && setSummary(text),
      (error: Error) => wanted && setSummary(error.message)
    );
    return () => {
      wanted = false;
    };
    // Asked for each query; the function is made anew with each rendering.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [query]);
  return (
    <section className={styles.part} aria-label={title}>
      <h2>{title}</h2>
      {Editor && <Editor datasource={source} query={query} app={CoreApp.Dashboard} onChange={setQuery} onRunQuery={() => undefined} />}
      <p role="status">{summary}</p>
    </section>
  );
}

function questionOf(query: DataQuery) {
  return { queries: [query], range: rangeOf(RANGE, 'utc'), timezone: 'utc', app: CoreApp.Unknown };
}

async function offered(source: DataSourceApi, query: DataQuery): Promise<string> {
  const support = source.variables as unknown as { query(request: object): Parameters<typeof firstValueFrom<{ data: MetricFindValue[] }>>[0] };
  const { data } = await firstValueFrom(support.query({ targets: [query], scopedVars: {} }));
  return data.map(({ text }) => text).join(', ') || 'Nothing';
}

async function marked(source: DataSourceApi, query: DataQuery): Promise<string> {
  const support = source.annotations;
  const annotation = { name: '', enable: true, iconColor: 'red', target: query };
  const prepared = support?.prepareQuery?.(annotation);
  if (!support?.processEvents || !prepared) {
    return 'Nothing';
  }
  const answer = await new Promise<{ series: unknown[] }>((resolve) => {
    ask(source, questionOf(prepared)).subscribe((data) => data.state !== 'Loading' && resolve(data));
  });
  const events = await firstValueFrom(support.processEvents(annotation, answer.series.map((frame) => toDataFrame(frame))));
  return `${events?.length ?? 0} events`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  part: css({ margin: theme.spacing(2, 0), padding: theme.spacing(2), background: theme.colors.background.primary, border: `1px solid ${theme.colors.border.weak}`, borderRadius: theme.shape.radius.default }),
});
