import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { definitions } from './definition';

const CONTRACT = join(__dirname, '..', '..', '..', '..', 'shared', 'PLUGIN-PROTOCOL.md');

interface Descriptor {
  field: Array<{ name: string; number: number; type: string; label: string; typeName: string }>;
  nestedType: Array<{ name: string; options: { mapEntry?: boolean } | null; field: Array<{ type: string; typeName: string }> }>;
}

function descriptor(name: string): Descriptor {
  const found = definitions[name] as unknown as { type: Descriptor } | undefined;
  if (!found) {
    throw new Error(`No message ${name}`);
  }
  return found.type;
}

/** A field's type as the contract writes it. */
function typeOf(message: Descriptor, field: Descriptor['field'][number]): string {
  const short = (type: string, typeName: string): string => (typeName ? (typeName.split('.').pop() ?? '') : type.replace('TYPE_', '').toLowerCase());
  const entry = message.nestedType.find(({ name, options }) => options?.mapEntry && field.typeName.endsWith(name));
  if (entry) {
    return `map<${short(entry.field[0].type, entry.field[0].typeName)},${short(entry.field[1].type, entry.field[1].typeName)}>`;
  }
  return `${field.label === 'LABEL_REPEATED' ? 'repeated ' : ''}${short(field.type, field.typeName)}`;
}

describe('protocol definition', () => {
  it('has the fields, numbers and types of the wire contract', () => {
    if (!existsSync(CONTRACT)) {
      console.info('The wire contract is not here; its comparison is skipped.');
      return;
    }
    let compared = 0;
    for (const row of readFileSync(CONTRACT, 'utf8').matchAll(/^\| ([A-Z]\w+(?:\.\w+)?) \| (.*) \|$/gm)) {
      const [, name, fields] = row;
      const known = Object.keys(definitions).some((full) => full === `pluginv2.${name}`);
      if (!known) {
        // Messages of services that we do not serve.
        expect(name).toMatch(/Chunked|CollectMetricsResponse\.Payload/);
        continue;
      }
      const message = descriptor(`pluginv2.${name}`);
      const ours = message.field.map((field) => `${field.name} ${field.number} ${typeOf(message, field)}`);
      const theirs = fields.split('; ').map((field) => field.trim());
      expect([name, ours]).toEqual([name, theirs]);
      compared += 1;
    }
    expect(compared).toBeGreaterThanOrEqual(21);
  });

  it('has the methods that Grafana calls, at their addresses', () => {
    const path = (service: string, method: string): string => (definitions[service] as ServiceDefinition)[method].path;
    expect(path('pluginv2.Data', 'QueryData')).toBe('/pluginv2.Data/QueryData');
    expect(path('pluginv2.Resource', 'CallResource')).toBe('/pluginv2.Resource/CallResource');
    expect((definitions['pluginv2.Resource'] as ServiceDefinition).CallResource.responseStream).toBe(true);
    expect(path('pluginv2.Diagnostics', 'CheckHealth')).toBe('/pluginv2.Diagnostics/CheckHealth');
    expect(path('pluginv2.Diagnostics', 'CollectMetrics')).toBe('/pluginv2.Diagnostics/CollectMetrics');
    expect(path('pluginv2.Stream', 'SubscribeStream')).toBe('/pluginv2.Stream/SubscribeStream');
    expect(path('pluginv2.Stream', 'PublishStream')).toBe('/pluginv2.Stream/PublishStream');
    expect((definitions['pluginv2.Stream'] as ServiceDefinition).RunStream.responseStream).toBe(true);
    expect(path('plugin.GRPCController', 'Shutdown')).toBe('/plugin.GRPCController/Shutdown');
    expect(path('grpc.health.v1.Health', 'Check')).toBe('/grpc.health.v1.Health/Check');
  });

  it('gives absent fields their defaults and int64 as numbers', () => {
    const { requestDeserialize, requestSerialize } = (definitions['pluginv2.Data'] as ServiceDefinition).QueryData;
    const read = requestDeserialize(requestSerialize({ queries: [{ refId: 'A', timeRange: { fromEpochMS: -1, toEpochMS: 1_700_000_000_123 } }] }));
    expect(read).toMatchObject({ pluginContext: null, headers: {}, queries: [{ refId: 'A', timeRange: { fromEpochMS: -1, toEpochMS: 1_700_000_000_123 }, json: Buffer.alloc(0), queryType: '' }] });
  });
});
