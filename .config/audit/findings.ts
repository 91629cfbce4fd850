/** What `npm audit --json` says, as far as it is read here. */
export interface AuditReport {
  vulnerabilities?: Record<string, { severity: string; nodes: string[]; via: Array<string | { title?: string; url?: string; severity?: string }> }>;
  /** Instead of all that: the registry could not be asked. */
  message?: string;
  error?: { summary?: string; detail?: string };
}

export interface Finding {
  /** Folder of the package, such as `node_modules/pg`. */
  folder: string;
  severity: string;
  /** Title and address of each advisory. */
  advisories: string[];
}

/** Folder of the package that a path of a source file lies in; null for our own. */
export function packageFolder(path: string): string | null {
  const from = path.lastIndexOf('node_modules/');
  if (from < 0) {
    return null;
  }
  const [first, second] = path.slice(from + 'node_modules/'.length).split('/');
  const start = path.indexOf('node_modules/');
  return `${path.slice(start, from)}node_modules/${first.startsWith('@') ? `${first}/${second}` : first}`;
}

/**
 * What is known of the packages that are shipped, and in how many others something is known.
 * @throws Error when the registry did not answer the question.
 */
export function findingsOf(report: AuditReport, shipped: ReadonlySet<string>): { shipped: Finding[]; others: number } {
  if (!report.vulnerabilities) {
    throw new Error(`The registry does not say which packages have known faults: ${report.error?.summary || report.message || 'no answer'}`);
  }
  const findings: Finding[] = [];
  let others = 0;
  for (const { severity, nodes, via } of Object.values(report.vulnerabilities)) {
    // A text names another package, which has an entry of its own.
    const advisories = via.flatMap((one) => (typeof one === 'string' ? [] : [`${one.title ?? 'no title'} ${one.url ?? ''}`.trim()]));
    if (advisories.length === 0) {
      continue;
    }
    const own = nodes.filter((folder) => shipped.has(folder));
    findings.push(...own.map((folder) => ({ folder, severity, advisories })));
    others += own.length === 0 ? 1 : 0;
  }
  return { shipped: findings, others };
}
