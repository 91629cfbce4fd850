import type { DataSourcePluginMeta } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import i18next from 'i18next';
import type { PlaygroundBackendSrv } from './backendSrv';

const ENGLISH = 'en-US';

/** The language that the address names (`?lang=de-DE`), where the plugin has it. */
function wantedLanguage(languages: readonly string[]): string {
  const wanted = new URLSearchParams(window.location.search).get('lang');
  return languages.find((language) => language === wanted) ?? ENGLISH;
}

/** Loads the plugin's texts before the plugin, as Grafana does. */
export async function loadTexts(backend: PlaygroundBackendSrv, meta: DataSourcePluginMeta & { languages?: string[] }): Promise<void> {
  const language = wantedLanguage(meta.languages ?? []);
  await initPluginTranslations('grafana');
  const catalogue = await backend.get<object>(`/public/plugins/${meta.id}/locales/${language}/${meta.id}.json`);
  i18next.addResourceBundle(language, meta.id, catalogue);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
