import { durationMs } from '../../src/shared/duration';
import type { AlertRule } from './provisioned';

/**
 * What Grafana does with a provisioned rule, as far as these rules need it: queries in numbers, math of two of them, a threshold
 * with its way back, and the states of each alert over time. Null is a number that is not there.
 */

export type Numbers = Map<string, number | null>;

/** Labels as a key that is the same for the same labels. */
export function keyOf(labels: Record<string, string>): string {
  return Object.entries(labels)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

interface Evaluator {
  type: 'gt' | 'lt';
  params: [number];
}

type Condition = { evaluator: Evaluator; unloadEvaluator?: Evaluator };

function meets({ type, params: [limit] }: Evaluator, value: number): boolean {
  return type === 'gt' ? value > limit : value < limit;
}

/** `$one / $other` or `$one - $other`, for the labels that both have; null of null. */
function math(expression: string, known: ReadonlyMap<string, Numbers>): Numbers {
  const parts = /^\$(\w+) ([/-]) \$(\w+)$/.exec(expression);
  const one = known.get(parts?.[1] ?? '');
  const other = known.get(parts?.[3] ?? '');
  if (!parts || !one || !other) {
    throw new Error(`Not known here: ${expression}`);
  }
  return new Map(
    [...one].flatMap(([key, value]): Array<[string, number | null]> => {
      const second = other.get(key);
      if (second === undefined) {
        return [];
      }
      return [[key, value === null || second === null ? null : parts[2] === '/' ? value / second : value - second]];
    })
  );
}

/** Recovering: the condition is no longer met, and the alert still fires until `keepFiringFor` has passed. */
export type State = 'Normal' | 'Pending' | 'Alerting' | 'Recovering' | 'NoData';

export interface Transition {
  at: number;
  rule: string;
  alert: string;
  from: State;
  to: State;
}

interface Alert {
  state: State;
  /** Since when it is pending or recovering. */
  since: number;
}

/** One rule and its alerts over time. */
export class RuleOverTime {
  private readonly alerts = new Map<string, Alert>();
  readonly transitions: Transition[] = [];

  /** Milliseconds of `for` and `keepFiringFor`. */
  private readonly patience: number;
  private readonly loyalty: number;

  constructor(readonly rule: AlertRule) {
    this.patience = durationMs(rule.for);
    this.loyalty = rule.keepFiringFor === undefined ? 0 : durationMs(rule.keepFiringFor);
  }

  /** @param ask What a query of the rule answers at this moment. */
  evaluate(at: number, ask: (query: AlertRule['data'][number]) => Numbers): void {
    const known = new Map<string, Numbers>();
    for (const node of this.rule.data) {
      const { type, expression, conditions } = node.model as { type?: string; expression?: string; conditions?: Condition[] };
      if (node.datasourceUid !== '__expr__') {
        known.set(node.refId, ask(node));
      } else if (type === 'math') {
        known.set(node.refId, math(expression ?? '', known));
      } else if (type === 'threshold') {
        known.set(node.refId, this.threshold(known.get(expression ?? '')!, conditions![0]));
      } else {
        throw new Error(`Not known here: ${type}`);
      }
    }
    const results = known.get(this.rule.condition)!;
    for (const [key, value] of results) {
      this.move(key, at, value === null ? null : value === 1);
    }
    // An alert whose labels no longer come has ended.
    for (const key of this.alerts.keys()) {
      if (!results.has(key)) {
        this.move(key, at, false);
      }
    }
  }

  /** Alerts that are pending or firing end only beyond the way back. */
  private threshold(values: Numbers, { evaluator, unloadEvaluator }: Condition): Numbers {
    return new Map(
      [...values].map(([key, value]) => {
        const state = this.alerts.get(key)?.state;
        const isActive = unloadEvaluator !== undefined && (state === 'Pending' || state === 'Alerting');
        return [key, value === null ? null : Number(isActive ? !meets(unloadEvaluator, value) : meets(evaluator, value))];
      })
    );
  }

  private move(key: string, at: number, result: boolean | null): void {
    const alert = this.alerts.get(key) ?? { state: 'Normal', since: 0 };
    const next = this.next(alert, at, result);
    const begins = (next === 'Pending' || next === 'Recovering') && next !== alert.state;
    this.alerts.set(key, { state: next, since: begins ? at : alert.since });
    if (next !== alert.state) {
      this.transitions.push({ at, rule: this.rule.uid, alert: key, from: alert.state, to: next });
    }
  }

  private next({ state, since }: Alert, at: number, result: boolean | null): State {
    const hasWaited = (long: number): boolean => at - since >= long;
    const bad: State = result === null ? 'NoData' : 'Alerting';
    if (result === true || (result === null && this.rule.noDataState === 'NoData')) {
      if (state === 'Pending') {
        return hasWaited(this.patience) ? bad : 'Pending';
      }
      return state === 'Normal' && this.patience > 0 ? 'Pending' : bad;
    }
    if (state === 'Recovering') {
      return hasWaited(this.loyalty) ? 'Normal' : 'Recovering';
    }
    return state === 'Alerting' && this.loyalty > 0 ? 'Recovering' : 'Normal';
  }
}
