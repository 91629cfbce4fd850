/** A figure as a line of JSON, beside the floor that was measured in the same run. */
export function report(figure: string, value: number, unit: 'ms' | 'MB' | 'per second', floor: { what: string; value: number } | null = null, more: Record<string, unknown> = {}): void {
  const line = { figure, value: rounded(value), unit, ...(floor === null ? {} : { floor: floor.what, floorValue: rounded(floor.value), ratio: rounded(value / floor.value) }), ...more };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

export function percentile(values: readonly number[], share: number): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))];
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** Before something is measured: this process's own garbage must not be taken for it. */
export function collectGarbage(): void {
  const bun: { gc?: (force: boolean) => unknown } | undefined = Reflect.get(globalThis, 'Bun');
  if (bun?.gc) {
    bun.gc(true);
  } else {
    // Node has it with --expose-gc only.
    void globalThis.gc?.();
  }
}
