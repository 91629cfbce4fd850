import { credentials } from '@grpc/grpc-js';
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { currentWork, within } from './context';
import { fieldsOf, type SpanAttributes, type Traces } from './traces';

/** Grafana kills what has not ended 2 s after it asked for the end; the collector may be gone as well. */
const LAST_EXPORT_MS = 700;

export interface OtlpOptions {
  /** `host:port` of a collector that speaks OTLP over gRPC, without TLS, as Grafana's own plugins are told. */
  address: string;
  /** Of the plugin. */
  version: string;
  /** Grafana's sampler: `const`, `probabilistic`, `rateLimiting` or `remote`. */
  sampler: string;
  /** Share of traces for the first two. */
  samplerParameter: number;
}

/** Spans over OTLP, beside and within Grafana's own. What Grafana samples is sampled here too. */
export class OtlpTraces implements Traces {
  private readonly provider: TracerProvider;
  private readonly tracer;
  private readonly propagator = new W3CTraceContextPropagator();

  constructor({ address, version, sampler, samplerParameter }: OtlpOptions) {
    const share = sampler === '' || sampler === 'const' || sampler === 'probabilistic' ? samplerParameter : 1;
    this.provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'dora-metrics-datasource', 'service.version': version }),
      // Passes of the synchronisation have no parent.
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 1) }),
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `http://${address}`, credentials: credentials.createInsecure(), timeoutMillis: 5_000 }), scheduledDelayMillis: 2_000 })],
    });
    this.tracer = this.provider.getTracer('dora-metrics-datasource');
  }

  async call<Result>(name: string, traceparent: string | undefined, work: () => Promise<Result>): Promise<Result> {
    const parent = this.propagator.extract(ROOT_CONTEXT, { traceparent }, { get: (carrier: { traceparent?: string }, key) => (key === 'traceparent' ? carrier.traceparent : undefined), keys: () => ['traceparent'] });
    const span = this.tracer.startSpan(name, { kind: SpanKind.SERVER }, parent);
    const { traceId } = span.spanContext();
    try {
      return await within({ fields: { ...fieldsOf(undefined), traceID: traceId }, span }, work);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  ended(name: string, milliseconds: number, failed: boolean, attributes: SpanAttributes): void {
    const now = Date.now();
    const span = this.tracer.startSpan(name, { startTime: now - milliseconds, attributes }, currentContext());
    if (failed) {
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(now);
  }

  async stop(): Promise<void> {
    await Promise.race([this.provider.shutdown().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, LAST_EXPORT_MS).unref())]);
  }
}

function currentContext(): Context {
  const span = currentWork()?.span as Span | undefined;
  return span === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span);
}
