import { CoreApp, type DataSourceApi, type FieldConfigSource, LoadingState, type PanelData, type QueryResultMetaNotice, type TimeRange } from '@grafana/data';
import { Icon, PanelChrome, Tooltip, useTheme2 } from '@grafana/ui';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { concatMap, map } from 'rxjs';
import { ask, rangeOf } from '../grafana/queries';
import { BarGaugePanel } from '../panels/BarGaugePanel';
import { StatPanel } from '../panels/StatPanel';
import { TablePanel } from '../panels/TablePanel';
import { TextPanel } from '../panels/TextPanel';
import { TimeSeriesPanel } from '../panels/TimeSeriesPanel';
import { transformed } from '../panels/transformations';
import { withFieldConfig } from '../panels/fieldConfig';
import type { PanelProps } from '../panels/panels';
import { type Panel, rangeOfPanel } from './board';

const DRAWN: Record<string, (props: PanelProps) => ReactNode> = { stat: StatPanel, bargauge: BarGaugePanel, timeseries: TimeSeriesPanel, table: TablePanel };

interface Props {
  panel: Panel;
  source: DataSourceApi;
  raw: { from: string; to: string };
  timeZone: string;
  /** Changes whenever the queries have to be asked again: variables, refresh, saved settings. */
  revision: string;
  title: string;
  boardUid: string;
  onChangeRange(range: { from: number; to: number }): void;
}

const NO_CONFIG: FieldConfigSource = { defaults: {}, overrides: [] };

/** Asks a panel's queries and draws the answer in Grafana's own panel frame. */
export function PanelFrame({ panel, source, raw, timeZone, revision, title, boardUid, onChangeRange }: Props) {
  const theme = useTheme2();
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [data, setData] = useState<PanelData | null>(null);
  const height = panel.gridPos.h * 38 - 8;
  const fieldConfig = panel.fieldConfig ?? NO_CONFIG;

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);

  const { from, to } = rangeOfPanel(panel, raw);
  useEffect(() => {
    if (panel.type === 'text') {
      return undefined;
    }
    const answers = ask(source, { queries: panel.targets ?? [], range: rangeOf({ from, to }, timeZone), timezone: timeZone, app: CoreApp.Dashboard, panelId: panel.id, panelPluginId: panel.type, dashboardUID: boardUid });
    const shown = answers.pipe(concatMap((answer) => transformed(answer.series, panel.transformations ?? []).pipe(map((series) => ({ ...answer, series })))));
    const subscription = shown.subscribe((answer) => setData((before) => (answer.state === LoadingState.Loading && before ? { ...before, state: LoadingState.Loading } : answer)));
    return () => subscription.unsubscribe();
  }, [panel, source, from, to, timeZone, revision, boardUid]);

  const frames = useMemo(() => withFieldConfig(data?.series ?? [], fieldConfig, theme, timeZone), [data?.series, fieldConfig, theme, timeZone]);
  const Drawn = DRAWN[panel.type];
  const timeRange: TimeRange = data?.timeRange ?? rangeOf({ from, to }, timeZone);

  return (
    <div ref={box} style={{ height }} data-title={title} data-panel={panel.id} data-kind={panel.type} data-state={data?.state ?? 'NotStarted'}>
      {width > 0 && (
        <PanelChrome
          title={title}
          description={panel.description}
          width={width}
          height={height}
          loadingState={data?.state}
          statusMessage={data?.errors?.[0]?.message}
          titleItems={<TitleItems panel={panel} data={data} />}
        >
          {(innerWidth, innerHeight) => {
            if (panel.type === 'text') {
              return <TextPanel panel={panel} />;
            }
            if (!Drawn) {
              return <p role="alert">The playground does not draw panels of type {panel.type}.</p>;
            }
            if (!data || (data.state === LoadingState.Loading && data.series.length === 0)) {
              return null;
            }
            if (frames.length === 0) {
              return <p role="status">{data.state === LoadingState.Error ? 'The query failed: see the corner of this panel.' : (fieldConfig.defaults.noValue ?? 'No data')}</p>;
            }
            return <Drawn panel={panel} frames={frames} fieldConfig={fieldConfig} width={innerWidth} height={innerHeight} timeRange={timeRange} timeZone={timeZone} onChangeRange={onChangeRange} />;
          }}
        </PanelChrome>
      )}
    </div>
  );
}

function TitleItems({ panel, data }: { panel: Panel; data: PanelData | null }) {
  const notices = noticesOf(data);
  return (
    <>
      {panel.timeFrom && !panel.hideTimeOverride && <PanelChrome.TitleItem title="Range of this panel"><span style={{ whiteSpace: 'nowrap' }}>Last {panel.timeFrom.replace(/d$/, ' days')}</span></PanelChrome.TitleItem>}
      {notices.length > 0 && (
        <Tooltip content={<ul style={{ paddingLeft: 16 }}>{notices.map((notice) => <li key={notice.text}>{notice.text}</li>)}</ul>}>
          <button type="button" aria-label={`Notices: ${notices.map((notice) => notice.text).join(' ')}`} style={{ all: 'unset', cursor: 'help', padding: '0 4px' }}>
            <Icon name={notices.some((notice) => notice.severity !== 'info') ? 'exclamation-triangle' : 'info-circle'} />
          </button>
        </Tooltip>
      )}
    </>
  );
}

/** Each notice once, though every series of an answer may carry it. */
export function noticesOf(data: PanelData | null): QueryResultMetaNotice[] {
  const all = (data?.series ?? []).flatMap((frame) => frame.meta?.notices ?? []);
  return all.filter((notice, index) => all.findIndex((other) => other.text === notice.text) === index);
}
