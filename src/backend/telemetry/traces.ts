import { currentWork, newId, within, type WorkContext } from './context';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface Traces {
  /**
   * Runs the work of one call of Grafana: its log lines carry its ids, and with tracing it is a span.
   * @param traceparent W3C's header, as Grafana sends it with a traced request
   */
  call<Result>(name: string, traceparent: string | undefined, work: () => Promise<Result>): Promise<Result>;
  /** Something that took so long and ends now, within the current call when there is one. */
  ended(name: string, milliseconds: number, failed: boolean, attributes: SpanAttributes): void;
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** Ids for the log and nothing else. */
export const NO_TRACES: Traces = {
  call: (_, traceparent, work) => within({ fields: fieldsOf(traceparent) }, work),
  ended: () => undefined,
  stop: () => Promise.resolve(),
};

/** Grafana's own trace id where there is one, by which its log names it too. */
export function fieldsOf(traceparent: string | undefined): WorkContext['fields'] {
  const traceID = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent ?? '')?.[1];
  return { requestId: newId(), ...(traceID === undefined ? {} : { traceID }) };
}

/** What every log line of the current work carries. */
export function logFields(): WorkContext['fields'] {
  return currentWork()?.fields ?? {};
}

/**
 * Traces to where Grafana sends its own, by the variables that it gives to plugins while its tracing is on; else none.
 * The exporter is loaded only then.
 */
export async function tracesBy(environment: NodeJS.ProcessEnv): Promise<Traces> {
  const address = environment.GF_INSTANCE_OTLP_ADDRESS;
  if (!address) {
    return NO_TRACES;
  }
  const { OtlpTraces } = await import('./otlp');
  return new OtlpTraces({
    address,
    version: environment.GF_PLUGIN_VERSION ?? '',
    sampler: environment.GF_INSTANCE_OTLP_SAMPLER_TYPE ?? '',
    samplerParameter: Number(environment.GF_INSTANCE_OTLP_SAMPLER_PARAM ?? 1),
  });
}
