import { css } from '@emotion/css';
import { CoreApp, type DataQuery, type DataSourceApi, FieldColorModeId, type GrafanaTheme2, LoadingState, type PanelData, type QueryEditorProps } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { LegendDisplayMode } from '@grafana/schema';
import { Alert, Button, PanelChrome, Stack, TimeRangePicker, useStyles2, useTheme2 } from '@grafana/ui';
import { type ComponentType, useEffect, useMemo, useRef, useState } from 'react';
import type { Panel } from '../board/board';
import { noticesOf } from '../board/PanelFrame';
import type { Host } from '../grafana/boot';
import { ask, rangeOf } from '../grafana/queries';
import { TablePanel } from '../panels/TablePanel';
import { TimeSeriesPanel } from '../panels/TimeSeriesPanel';
import { withFieldConfig } from '../panels/fieldConfig';

const GRAPH = {
  id: 1,
  type: 'timeseries',
  title: 'Graph',
  gridPos: { x: 0, y: 0, w: 24, h: 10 },
  options: { legend: { displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: true, calcs: [] } },
} satisfies Panel;
const TABLE = { id: 2, type: 'table', title: 'Table', gridPos: { x: 0, y: 0, w: 24, h: 10 }, options: {} } satisfies Panel;
const FIELD_CONFIG = { defaults: { color: { mode: FieldColorModeId.PaletteClassic }, custom: { drawStyle: 'line', lineWidth: 2, showPoints: 'always', pointSize: 6, spanNulls: false } }, overrides: [] };

interface Props {
  host: Host;
  source: DataSourceApi;
}

/** One query with the plugin's own editor, its answer as a graph and as a table. */
export function ExplorePage({ host, source }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  // A new object asks again, even with the same contents.
  const [asked, setAsked] = useState(() => ({ raw: paneOfAddress()?.range ?? { from: 'now-90d', to: 'now' }, timeZone: 'browser' }));
  const { timeZone } = asked;
  const setRaw = (raw: { from: string; to: string }) => setAsked((before) => ({ ...before, raw }));
  const run = () => setAsked((before) => ({ ...before }));
  const [query, setQuery] = useState<DataQuery>(() => startQuery(source));
  const [data, setData] = useState<PanelData | undefined>();
  const latest = useRef(query);
  const Editor = host.plugin.components.QueryEditor as ComponentType<QueryEditorProps<DataSourceApi, DataQuery>> | undefined;
  const Help = host.plugin.components.QueryEditorHelp;
  const [helping, setHelping] = useState(false);
  const range = useMemo(() => rangeOf(asked.raw, asked.timeZone), [asked]);
  host.templates.set(new Map());
  host.templates.updateTimeRange(range);

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const subscription = ask(source, { queries: [latest.current], range, timezone: timeZone, app: CoreApp.Explore }).subscribe((answer) =>
      setData((before) => (answer.state === LoadingState.Loading && before ? { ...before, state: LoadingState.Loading } : answer))
    );
    return () => subscription.unsubscribe();
  }, [source, range, timeZone]);

  const frames = useMemo(() => withFieldConfig(data?.series ?? [], FIELD_CONFIG, theme, timeZone), [data?.series, theme, timeZone]);
  const isSeries = frames.some((frame) => frame.fields[0]?.type === 'time' && frame.meta?.type?.startsWith('timeseries'));
  const shift = (part: number) => {
    const length = (range.to.valueOf() - range.from.valueOf()) * part;
    setRaw({ from: String(range.from.valueOf() + length), to: String(range.to.valueOf() + length) });
  };

  const change = (changed: DataQuery) => {
    latest.current = changed;
    setQuery(changed);
    locationService.partial({ query: JSON.stringify(changed) }, true);
  };

  if (!Editor) {
    return <Alert severity="error" title="The plugin has no query editor" />;
  }
  const drawn = { frames, fieldConfig: FIELD_CONFIG, timeRange: range, timeZone, onChangeRange: ({ from, to }: { from: number; to: number }) => setRaw({ from: String(Math.round(from)), to: String(Math.round(to)) }) };
  return (
    <div ref={box}>
      <Stack direction="row" justifyContent="space-between" wrap="wrap">
        <h1 className={styles.title}>Explore</h1>
        <Stack direction="row" gap={1}>
          <TimeRangePicker
            value={range}
            timeZone={timeZone}
            onChange={(next) => setRaw({ from: typeof next.raw.from === 'string' ? next.raw.from : String(next.from.valueOf()), to: typeof next.raw.to === 'string' ? next.raw.to : String(next.to.valueOf()) })}
            onChangeTimeZone={(chosen) => setAsked((before) => ({ ...before, timeZone: chosen }))}
            onMoveBackward={() => shift(-0.5)}
            onMoveForward={() => shift(0.5)}
            onZoom={() => setRaw({ from: String(2 * range.from.valueOf() - range.to.valueOf()), to: String(range.to.valueOf()) })}
          />
          {Help && (
            <Button variant="secondary" icon="question-circle" aria-expanded={helping} onClick={() => setHelping(!helping)}>
              Help
            </Button>
          )}
          <Button icon="sync" onClick={run}>
            Run query
          </Button>
        </Stack>
      </Stack>
      {helping && Help && (
        <div className={styles.editor}>
          <Help
            datasource={source}
            query={query}
            onClickExample={(example) => {
              change(example);
              run();
              setHelping(false);
            }}
          />
        </div>
      )}
      <div className={styles.editor}>
        <Editor
          datasource={source}
          query={query}
          app={CoreApp.Explore}
          range={range}
          data={data}
          onChange={change}
          onRunQuery={run}
        />
      </div>
      {data?.errors?.map((error, index) => <Alert key={index} severity="error" title={error.message ?? 'The query failed'} />)}
      {noticesOf(data ?? null).map((notice) => <Alert key={notice.text} severity={notice.severity} title={notice.text} />)}
      {width > 0 && frames.length > 0 && (
        <Stack direction="column" gap={1}>
          {isSeries && (
            <PanelChrome title="Graph" width={width} height={380} loadingState={data?.state}>
              {(innerWidth, innerHeight) => <TimeSeriesPanel panel={GRAPH} width={innerWidth} height={innerHeight} {...drawn} />}
            </PanelChrome>
          )}
          {frames.slice(0, isSeries ? 20 : 1).map((frame, index) => (
            <PanelChrome key={index} title={isSeries ? `Table: ${Object.values(frame.fields[1]?.labels ?? {}).join(', ') || frame.name}` : 'Table'} width={width} height={isSeries ? 240 : 420} loadingState={data?.state}>
              {(innerWidth, innerHeight) => <TablePanel panel={TABLE} width={innerWidth} height={innerHeight} {...drawn} frames={[frame]} />}
            </PanelChrome>
          ))}
        </Stack>
      )}
      {data?.state === LoadingState.Done && frames.length === 0 && <p role="status">No data</p>}
    </div>
  );
}

interface Pane {
  queries: DataQuery[];
  range: { from: string; to: string };
}

/** What a link to Grafana's Explore asks for. */
function paneOfAddress(): Pane | undefined {
  const panes = new URLSearchParams(window.location.search).get('panes');
  return panes ? Object.values(JSON.parse(panes) as Record<string, Pane>)[0] : undefined;
}

function startQuery(source: DataSourceApi): DataQuery {
  const asked = paneOfAddress()?.queries[0];
  if (asked) {
    return asked;
  }
  const stored = new URLSearchParams(window.location.search).get('query');
  if (stored) {
    return JSON.parse(stored) as DataQuery;
  }
  return { ...source.getDefaultQuery?.(CoreApp.Explore), refId: 'A' };
}

const getStyles = (theme: GrafanaTheme2) => ({
  title: css({ ...theme.typography.h3, margin: 0 }),
  editor: css({ margin: theme.spacing(2, 0), padding: theme.spacing(2), background: theme.colors.background.primary, border: `1px solid ${theme.colors.border.weak}`, borderRadius: theme.shape.radius.default }),
});
