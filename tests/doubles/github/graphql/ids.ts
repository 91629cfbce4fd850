/** Global node ids: opaque, stable over renames, and readable by the double itself. */
export type NodePrefix =
  | 'R' | 'PR' | 'C' | 'U' | 'O' | 'BOT' | 'M' | 'RE' | 'I' | 'IC' | 'PRR' | 'PRRC' | 'PRRT' | 'REF' | 'TA' | 'LA' | 'DE' | 'DES' | 'PURC' | 'EV' | 'WFR' | 'W' | 'T' | 'EN' | 'CS' | 'CR' | 'RTO' | 'CMP';

export function nodeId(prefix: NodePrefix, ...parts: Array<string | number>): string {
  return `${prefix}_kwDO${Buffer.from(parts.join(':')).toString('base64url')}`;
}

export function parseNodeId(id: string): { prefix: string; parts: string[] } | null {
  const found = /^([A-Z]+)_kwDO([\w-]+)$/.exec(id);
  return found ? { prefix: found[1], parts: Buffer.from(found[2], 'base64url').toString('utf8').split(':') } : null;
}
