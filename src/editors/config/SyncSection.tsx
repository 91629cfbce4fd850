import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Stack } from '@grafana/ui';
import { useMemo } from 'react';
import { timeZoneNames } from '../controls/timeZones';
import { ChoiceSetting } from './ChoiceSetting';
import { orUnset, type SettingsFormProps } from './settings';
import { TextSetting } from './TextSetting';

type WeekStart = 'monday' | 'sunday';

/** How far back and how often facts are fetched, and how days and weeks are cut. */
export function SyncSection({ jsonData, onChange, readOnly }: SettingsFormProps) {
  const sync = jsonData.sync ?? {};
  const zones = useMemo(() => timeZoneNames().map((name) => ({ value: name, label: name })), []);
  const weekStarts: Array<{ value: WeekStart; label: string }> = [
    { value: 'monday', label: t('config.calendar.monday', 'Monday') },
    { value: 'sunday', label: t('config.calendar.sunday', 'Sunday') },
  ];
  return (
    <ConfigSection
      title={t('config.calendar.title', 'History and calendar')}
      isCollapsible
      isInitiallyOpen={false}
      description={t('config.calendar.description', 'How far back and how often facts are fetched, and where days and weeks begin.')}
    >
      <Stack direction="column" gap={2}>
        <TextSetting
          label={t('config.calendar.lookback.label', 'Look back')}
          path="sync.lookback"
          testId="dora-lookback"
          description={t('config.calendar.lookback.description', 'How much history is fetched: 90d, 52w.')}
          placeholder="180d"
          value={sync.lookback}
          readOnly={readOnly}
          width={20}
          onChange={(lookback) => onChange({ sync: { ...sync, lookback: orUnset(lookback) } })}
        />
        <TextSetting
          label={t('config.calendar.every.label', 'Look for news every')}
          path="sync.every"
          testId="dora-every"
          description={t('config.calendar.every.description', '5m, 1h. An organisation in which nothing happened costs a few calls.')}
          placeholder="5m"
          value={sync.every}
          readOnly={readOnly}
          width={20}
          onChange={(every) => onChange({ sync: { ...sync, every: orUnset(every) } })}
        />
        <ChoiceSetting<string>
          label={t('config.calendar.timezone', 'Time zone')}
          path="timezone"
          testId="dora-settings-timezone"
          value={jsonData.timezone || 'UTC'}
          options={zones}
          custom
          readOnly={readOnly}
          onChange={(timezone) => onChange({ timezone })}
        />
        <ChoiceSetting<WeekStart>
          label={t('config.calendar.week-start', 'Weeks begin on')}
          path="weekStart"
          testId="dora-week-start"
          value={jsonData.weekStart ?? 'monday'}
          options={weekStarts}
          readOnly={readOnly}
          onChange={(weekStart) => onChange({ weekStart })}
        />
      </Stack>
    </ConfigSection>
  );
}
