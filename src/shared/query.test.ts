import fc from 'fast-check';
import { DoraError } from './errors';
import { parseQuery } from './query';

function fieldOf(json: unknown): string | null {
  try {
    parseQuery(json);
  } catch (error) {
    expect(error).toBeInstanceOf(DoraError);
    expect(error).toMatchObject({ code: 'QUERY_INVALID', status: 400 });
    return (error as DoraError).field;
  }
  return null;
}

describe('queries', () => {
  it('takes a metric alone', () => {
    expect(parseQuery({ metric: 'deployment-frequency' })).toEqual({
      queryType: 'metric',
      metric: 'deployment-frequency',
      teams: [],
      services: [],
      repositories: [],
      interval: 'week',
      window: 'calendar',
      rollingDays: 28,
      statistic: 'mean',
      measure: 'count',
      groupBy: 'team',
      compare: 'none',
      format: 'timeseries',
      completeBucketsOnly: false,
      includeRollbacks: false,
      includeRetries: false,
      includeBaseline: false,
      basis: 'linked',
      levelsYear: 2023,
      confidence: false,
      rows: 'all',
      timezone: null,
    });
  });

  it('reads a number as a rate unless it says otherwise', () => {
    expect(parseQuery({ format: 'number' }).measure).toBe('per-day');
    expect(parseQuery({ format: 'number', measure: 'days' }).measure).toBe('days');
  });

  it('ignores fields that it does not know, and nulls', () => {
    expect(parseQuery({ metric: 'lead-time', datasource: { uid: 'x' }, hide: false, statistic: null })).toMatchObject({ metric: 'lead-time', statistic: 'mean' });
    expect(parseQuery({ metric: 'lead-time' })).not.toHaveProperty('datasource');
  });

  it.each([
    [{ metric: 'velocity' }, 'metric'],
    [{ interval: 'fortnight' }, 'interval'],
    [{ teams: 'Payments' }, 'teams'],
    [{ teams: [1] }, 'teams[0]'],
    [{ rollingDays: 0 }, 'rollingDays'],
    [{ rollingDays: 2.5 }, 'rollingDays'],
    [{ timezone: 'Berlin' }, 'timezone'],
    [{ timezone: '+02:00' }, 'timezone'],
    [{ levelsYear: 1999 }, 'levelsYear'],
    [{ confidence: 'yes' }, 'confidence'],
    [{ queryType: 'changes', rows: 'newest' }, 'rows'],
    [{ queryType: 'changes', rows: 'open' }, 'rows'],
    [{ rows: 'waiting' }, 'rows'],
    [[], 'query'],
    ['text', 'query'],
    [null, 'query'],
  ])('names the field of %j', (json, field) => {
    expect(fieldOf(json)).toBe(field);
  });

  it('takes the rows that a table has', () => {
    expect(parseQuery({ queryType: 'changes', rows: 'waiting' }).rows).toBe('waiting');
    expect(parseQuery({ queryType: 'sync', rows: 'all' }).rows).toBe('all');
  });

  it('knows every zone of the tz database that it meets', () => {
    for (const timezone of ['UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/St_Johns', 'Europe/Kyiv']) {
      expect(parseQuery({ timezone }).timezone).toBe(timezone);
    }
  });

  it('answers or throws a coded error, whatever is sent', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => void fieldOf(json)));
  });
});
