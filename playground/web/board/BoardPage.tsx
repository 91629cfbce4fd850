import { css } from '@emotion/css';
import { type DataSourceApi, type GrafanaTheme2, dateTime, isDateTime } from '@grafana/data';
import { getTemplateSrv, locationService } from '@grafana/runtime';
import { Button, RefreshPicker, Stack, TimeRangePicker, useStyles2 } from '@grafana/ui';
import { useEffect, useMemo, useState } from 'react';
import type { Host } from '../grafana/boot';
import { rangeOf } from '../grafana/queries';
import { PanelFrame } from './PanelFrame';
import { type Choice, Variables, initialChoice, optionsOf, valueOf } from './Variables';
import { type Board, sectionsOf } from './board';

interface Props {
  board: Board;
  host: Host;
  source: DataSourceApi;
}

const REFRESH = ['10s', '1m', '5m'];

/** A stored dashboard: its variables, time range, rows and panels. What is chosen is kept in the address, as in Grafana. */
export function BoardPage({ board, host, source }: Props) {
  const styles = useStyles2(getStyles);
  const query = useMemo(() => new URLSearchParams(window.location.search), []);
  const [raw, setRaw] = useState({ from: query.get('from') ?? board.time.from, to: query.get('to') ?? board.time.to });
  const [timeZone, setTimeZone] = useState(board.timezone || 'browser');
  const [choices, setChoices] = useState<Choice[] | null>(null);
  const [refresh, setRefresh] = useState('');
  const [asked, setAsked] = useState(0);
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(() => new Set(sectionsOf(board).flatMap(({ row }) => (row?.collapsed ? [row.id] : []))));
  // Relative to now at each drawing, so that a refresh moves on.
  const range = rangeOf(raw, timeZone);

  useEffect(() => {
    let current = true;
    void Promise.all(
      board.templating.list.map(async (variable) => {
        const choice = initialChoice(variable);
        const fromAddress = query.getAll(`var-${variable.name}`);
        const options = variable.type === 'query' ? await optionsOf(variable, source, rangeOf(board.time, 'utc')) : choice.options;
        return { ...choice, options, chosen: fromAddress.length > 0 ? fromAddress : choice.chosen };
      })
    ).then((loaded) => {
      if (current) {
        setChoices(loaded);
      }
    });
    return () => {
      current = false;
    };
    // A change of range does not change teams: only a new board or data source asks again.
  }, [board, source, query]);

  useEffect(() => {
    const every = { '10s': 10_000, '1m': 60_000, '5m': 300_000 }[refresh];
    if (!every) {
      return undefined;
    }
    const timer = setInterval(() => setAsked((before) => before + 1), every);
    return () => clearInterval(timer);
  }, [refresh]);

  if (!choices) {
    return null;
  }
  const values = new Map(choices.map((choice) => [choice.variable.name, valueOf(choice)]));
  host.templates.set(values);
  host.templates.updateTimeRange(range);
  const revision = `${asked} ${JSON.stringify([...values])}`;

  const changeRange = (next: { from: string; to: string }) => {
    setRaw(next);
    locationService.partial(next, true);
  };
  const shift = (part: number) => {
    const length = (range.to.valueOf() - range.from.valueOf()) * part;
    changeRange({ from: String(range.from.valueOf() + length), to: String(range.to.valueOf() + length) });
  };

  return (
    <>
      <div className={styles.head}>
        <div>
          <h1 className={styles.title}>{board.title}</h1>
          <Variables
            choices={choices}
            onChange={(name, chosen) => {
              setChoices(choices.map((choice) => (choice.variable.name === name ? { ...choice, chosen } : choice)));
              locationService.partial({ [`var-${name}`]: chosen }, true);
            }}
          />
        </div>
        <Stack direction="row" gap={1}>
          <TimeRangePicker
            value={range}
            timeZone={timeZone}
            onChange={(next) => changeRange({ from: rawText(next.raw.from), to: rawText(next.raw.to) })}
            onChangeTimeZone={setTimeZone}
            onMoveBackward={() => shift(-0.5)}
            onMoveForward={() => shift(0.5)}
            onZoom={() => {
              const half = (range.to.valueOf() - range.from.valueOf()) / 2;
              changeRange({ from: String(range.from.valueOf() - half), to: String(range.to.valueOf() + half) });
            }}
          />
          <RefreshPicker text="Refresh" intervals={REFRESH} value={refresh} onIntervalChanged={setRefresh} onRefresh={() => setAsked(asked + 1)} />
        </Stack>
      </div>
      {sectionsOf(board).map(({ row, panels }, index) => {
        const closed = row !== null && collapsed.has(row.id);
        const top = Math.min(...panels.map((panel) => panel.gridPos.y));
        return (
          <div key={row?.id ?? `section-${index}`}>
            {row && (
              <h2 className={styles.row}>
                <Button
                  variant="secondary"
                  fill="text"
                  icon={closed ? 'angle-right' : 'angle-down'}
                  aria-expanded={!closed}
                  onClick={() => setCollapsed((before) => new Set(closed ? [...before].filter((id) => id !== row.id) : [...before, row.id]))}
                >
                  {getTemplateSrv().replace(row.title)}
                </Button>
              </h2>
            )}
            {!closed && (
              <div className={styles.grid}>
                {panels.map((panel) => (
                  <div key={panel.id} className={styles.cell} style={{ gridColumn: `${panel.gridPos.x + 1} / span ${panel.gridPos.w}`, gridRow: `${panel.gridPos.y - top + 1} / span ${panel.gridPos.h}` }}>
                    <PanelFrame
                      panel={panel}
                      source={source}
                      raw={raw}
                      timeZone={timeZone}
                      revision={revision}
                      title={getTemplateSrv().replace(panel.title)}
                      boardUid={board.uid}
                      onChangeRange={({ from, to }) => changeRange({ from: String(Math.round(from)), to: String(Math.round(to)) })}
                    />
                  </div>
                ))}
              </div>
            )}
          </div>
        );
      })}
    </>
  );
}

function rawText(part: unknown): string {
  return isDateTime(part) ? String(dateTime(part).valueOf()) : String(part);
}

const getStyles = (theme: GrafanaTheme2) => ({
  head: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(2), justifyContent: 'space-between', alignItems: 'end', marginBottom: theme.spacing(2) }),
  title: css({ ...theme.typography.h3, margin: theme.spacing(0, 0, 1) }),
  row: css({ margin: theme.spacing(0.5, 0), fontSize: theme.typography.h5.fontSize }),
  grid: css({ display: 'grid', gridTemplateColumns: 'repeat(24, minmax(0, 1fr))', gridAutoRows: '30px', gap: 8 }),
  cell: css({ minWidth: 0 }),
});
