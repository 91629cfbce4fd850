import { t } from '@grafana/i18n';
import { isVariable, type Variable } from '../../panelQuery';
import { DEFAULT_QUERY } from '../../shared/queryOptions';
import { DraftInput } from '../controls/DraftInput';

const LONGEST = 366;

/** A number of days as somebody types it, or null for what a query cannot take. */
export function readRollingDays(text: string): number | Variable | null {
  if (text === '') {
    return DEFAULT_QUERY.rollingDays;
  }
  if (isVariable(text)) {
    return text;
  }
  const days = Number(text);
  return Number.isInteger(days) && days >= 1 && days <= LONGEST ? days : null;
}

interface RollingDaysProps {
  value: number | Variable;
  onChange: (days: number | Variable) => void;
}

export function RollingDays({ value, onChange }: RollingDaysProps) {
  return (
    <DraftInput
      label={t('query.rolling-days.label', 'Rolling days')}
      tooltip={t('query.rolling-days.tooltip', 'Length of the window that each point looks back over.')}
      testId="dora-rolling-days"
      value={String(value)}
      width={14}
      inputMode="numeric"
      problem={(text) => (readRollingDays(text) === null ? t('query.rolling-days.problem', 'A whole number from 1 to {{longest}}', { longest: LONGEST }) : undefined)}
      onTake={(text) => {
        const days = readRollingDays(text);
        if (days !== null && days !== value) {
          onChange(days);
        }
      }}
    />
  );
}
