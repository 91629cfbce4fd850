import { FactBudget } from './budget';
import { hostOptions } from './options';

const GIGABYTE = 1_073_741_824;

describe('options of the host', () => {
  const read = (environment: Record<string, string>): { options: ReturnType<typeof hostOptions>; warnings: string[] } => {
    const warnings: string[] = [];
    return { options: hostOptions(environment, (warning) => warnings.push(warning), GIGABYTE), warnings };
  };

  it('have defaults that fit the machine', () => {
    expect(read({})).toEqual({ options: { leaseMs: 15_000, forgetAfterMs: 30 * 86_400_000, maxFacts: 894_784 }, warnings: [] });
    expect(hostOptions({}, () => undefined).maxFacts).toBeGreaterThan(100_000);
  });

  it('are what the administrator sets', () => {
    const { options, warnings } = read({ GF_PLUGIN_DORA_LEASE: '5s', GF_PLUGIN_DORA_FORGET_AFTER: ' 90d ', GF_PLUGIN_DORA_MAX_FACTS: '5000' });
    expect([options, warnings]).toEqual([{ leaseMs: 5_000, forgetAfterMs: 90 * 86_400_000, maxFacts: 5_000 }, []]);
    expect(read({ GF_PLUGIN_DORA_FORGET_AFTER: 'never' }).options.forgetAfterMs).toBeNull();
  });

  it.each([
    ['GF_PLUGIN_DORA_LEASE', '5m'],
    ['GF_PLUGIN_DORA_LEASE', '0s'],
    ['GF_PLUGIN_DORA_FORGET_AFTER', '-1d'],
    ['GF_PLUGIN_DORA_FORGET_AFTER', 'soon'],
    ['GF_PLUGIN_DORA_MAX_FACTS', '1e9'],
    ['GF_PLUGIN_DORA_MAX_FACTS', '0'],
  ])('take the default for %s=%s, and say so', (name, value) => {
    const { options, warnings } = read({ [name]: value });
    expect(options).toEqual(read({}).options);
    expect(warnings).toEqual([expect.stringContaining(name.replace('GF_PLUGIN_', '').toLowerCase())]);
  });
});

describe('budget of facts', () => {
  it('refuses the one that exceeds it, with both numbers, and leaves the others what they have', () => {
    const budget = new FactBudget(100);
    budget.hold('1/a', 60);
    budget.hold('1/b', 40);
    expect(() => budget.hold('1/b', 41)).toThrow(expect.objectContaining({ code: 'DATA_SOURCE_TOO_LARGE', message: expect.stringMatching(/41 facts.*100, of which other data sources use 60/) }));
    // It counts for none any more.
    budget.hold('1/a', 100);
    budget.release('1/a');
    budget.hold('1/c', 100);
  });
});
