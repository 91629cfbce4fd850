import { instant, type Instant } from './clock';
import { randomFrom } from './random';

/** Which of the requests that fit otherwise a fault strikes; everything that is given must fit. */
export interface Striking {
  /** Only these of the requests that fit otherwise, counted from 1. */
  nth?: number | number[];
  /** The first so many of the requests that fit otherwise. */
  times?: number;
  /** By the double's clock. */
  from?: string | number;
  until?: string | number;
  /** 0…1, drawn from `seed`. */
  probability?: number;
  seed?: number;
}

export interface PlannedFault<When extends Striking, Effect> {
  id?: string;
  when?: When;
  then: Effect;
}

interface Armed<When extends Striking, Effect> {
  fault: PlannedFault<When, Effect>;
  id: string;
  matched: number;
  struck: number;
  random: () => number;
}

/** What goes wrong at a double, and when. */
export class FaultPlan<When extends Striking, Effect, Target extends { now: Instant }> {
  private armed: Array<Armed<When, Effect>> = [];
  private made = 0;

  constructor(
    /** Whether a request is of the kind that a fault strikes. */
    private readonly fits: (when: Partial<When>, target: Target) => boolean,
    faults: ReadonlyArray<PlannedFault<When, Effect>> = []
  ) {
    this.set(faults);
  }

  /** These instead of all others. */
  set(faults: ReadonlyArray<PlannedFault<When, Effect>>): void {
    this.clear();
    faults.forEach((fault) => this.add(fault));
  }

  add(fault: PlannedFault<When, Effect>): string {
    this.made += 1;
    const id = fault.id ?? `fault-${this.made}`;
    this.armed.push({ fault, id, matched: 0, struck: 0, random: randomFrom(fault.when?.seed ?? this.made) });
    return id;
  }

  remove(id: string): boolean {
    const before = this.armed.length;
    this.armed = this.armed.filter((one) => one.id !== id);
    return this.armed.length < before;
  }

  clear(): void {
    this.armed = [];
  }

  list(): Array<PlannedFault<When, Effect> & { id: string; matched: number; struck: number }> {
    return this.armed.map(({ fault, id, matched, struck }) => ({ ...fault, id, matched, struck }));
  }

  /** The faults that strike this request; asking counts. */
  strike(target: Target): Array<{ id: string; effect: Effect }> {
    return this.armed.filter((armed) => this.strikes(armed, target)).map(({ id, fault }) => ({ id, effect: fault.then }));
  }

  private strikes(armed: Armed<When, Effect>, target: Target): boolean {
    const when: Partial<When> = armed.fault.when ?? {};
    const { nth, times, from, until, probability }: Striking = when;
    if (!this.fits(when, target) || (from !== undefined && target.now < instant(from)) || (until !== undefined && target.now >= instant(until))) {
      return false;
    }
    armed.matched += 1;
    const chosen =
      (nth === undefined || [nth].flat().includes(armed.matched)) && (times === undefined || armed.struck < times) && (probability === undefined || armed.random() < probability);
    armed.struck += chosen ? 1 : 0;
    return chosen;
  }
}
