import { css } from '@emotion/css';
import { type DataSourceSettings, DataSourcePluginContextProvider, type GrafanaTheme2, ThemeContext, createTheme } from '@grafana/data';
import { config, locationService } from '@grafana/runtime';
import { Button, GlobalStyles, PortalContainer, TabsBar, Tab, useStyles2 } from '@grafana/ui';
import { useEffect, useMemo, useState } from 'react';
import type { DoraJsonData } from '../../src/shared/settings';
import { BoardPage } from './board/BoardPage';
import type { Board } from './board/board';
import { type Host, UID } from './grafana/boot';
import { ExplorePage } from './pages/ExplorePage';
import { MorePage } from './pages/MorePage';
import { SettingsPage } from './pages/SettingsPage';

type Mode = 'light' | 'dark';
const KEPT_MODE = 'dora-playground-theme';

function firstMode(): Mode {
  const asked = new URLSearchParams(window.location.search).get('theme') ?? localStorage.getItem(KEPT_MODE);
  return asked === 'light' ? 'light' : 'dark';
}

interface Props {
  host: Host;
  boards: Board[];
}

/** The page around the plugin: tabs for the boards, one query and the settings; light or dark. */
export function App({ host, boards }: Props) {
  const [mode, setMode] = useState<Mode>(firstMode);
  const theme = useMemo(() => {
    const made = createTheme({ colors: { mode } });
    Object.assign(config, { theme2: made });
    config.bootData.user.lightTheme = mode === 'light';
    document.documentElement.style.colorScheme = mode;
    document.body.classList.toggle('theme-light', mode === 'light');
    document.body.classList.toggle('theme-dark', mode === 'dark');
    return made;
  }, [mode]);
  const toggle = () => {
    const next = mode === 'light' ? 'dark' : 'light';
    localStorage.setItem(KEPT_MODE, next);
    setMode(next);
  };
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <PortalContainer />
      <Page key={mode} host={host} boards={boards} mode={mode} onToggle={toggle} />
    </ThemeContext.Provider>
  );
}

function isBoard(path: string): boolean {
  return path.startsWith('/d/');
}

/** Variables and time range, which links between boards keep. */
function keptOnBoards(): string {
  const kept = [...new URLSearchParams(window.location.search)].filter(([name]) => name === 'from' || name === 'to' || name.startsWith('var-'));
  return kept.length === 0 ? '' : `?${new URLSearchParams(kept).toString()}`;
}

function usePath(): string {
  const [path, setPath] = useState(window.location.pathname);
  useEffect(() => locationService.getHistory().listen((location: { pathname: string }) => setPath(location.pathname)), []);
  return path;
}

function Page({ host, boards, mode, onToggle }: Props & { mode: Mode; onToggle(): void }) {
  const styles = useStyles2(getStyles);
  const path = usePath();
  const [settings, setSettings] = useState<DataSourceSettings>(host.settings);
  const source = useMemo(() => {
    host.settings = settings;
    host.sources.replace(settings);
    return host.sources.current();
  }, [host, settings]);
  const settingsPath = `/connections/datasources/edit/${UID}`;
  const board = boards.find((candidate) => path.startsWith(`/d/${candidate.uid}`));
  const tabs = [...boards.map(({ uid, title }) => ({ label: title, to: `/d/${uid}` })), { label: 'Explore', to: '/explore' }, { label: 'More', to: '/more' }, { label: 'Settings', to: settingsPath }];

  useEffect(() => {
    if (path === '/') {
      const { teams } = host.settings.jsonData as DoraJsonData;
      locationService.replace(teams && teams.length > 0 && boards[0] ? `/d/${boards[0].uid}` : settingsPath);
    }
  }, [path, boards, host, settingsPath]);

  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <TabsBar>
          {tabs.map(({ label, to }) => (
            <Tab
              key={to}
              label={label}
              active={path.startsWith(to)}
              href={to}
              onChangeTab={(event) => {
                event?.preventDefault();
                locationService.push(isBoard(to) && isBoard(path) ? `${to}${keptOnBoards()}` : to);
              }}
            />
          ))}
        </TabsBar>
        <Button variant="secondary" fill="text" onClick={onToggle}>
          {mode === 'light' ? 'Dark' : 'Light'}
        </Button>
      </header>
      <main className={styles.main}>
        {board && <BoardPage key={board.uid} board={board} host={host} source={source} />}
        {path.startsWith('/explore') && <ExplorePage host={host} source={source} />}
        {path.startsWith('/more') && <MorePage source={source} />}
        {path.startsWith(settingsPath) && (
          <DataSourcePluginContextProvider instanceSettings={host.sources.getInstanceSettings()}>
            <SettingsPage host={host} settings={settings} onSaved={setSettings} />
          </DataSourcePluginContextProvider>
        )}
      </main>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ minHeight: '100vh', background: theme.colors.background.canvas, color: theme.colors.text.primary }),
  header: css({ display: 'flex', justifyContent: 'space-between', alignItems: 'center', padding: theme.spacing(0.5, 2), background: theme.colors.background.primary, borderBottom: `1px solid ${theme.colors.border.weak}` }),
  main: css({ padding: theme.spacing(2) }),
});
