import type { IncidentOrigin, IncidentRecord, RepositoryId } from '../model';
import type { FactPart } from './part';
import type { FactRevisions } from './revisions';

/** Incidents of one origin, account, repository and service: what most sources choose by. */
export interface IncidentGroup {
  origin: IncidentOrigin;
  account: string | null;
  repository: RepositoryId | null;
  service: string | null;
  records: Map<string, IncidentRecord>;
}

function groupKey({ origin, account, repository, service }: IncidentRecord): string {
  return JSON.stringify([origin, account, repository, service]);
}

/** Incidents as their tools report them, grouped so that a team need not look at everybody's. */
export class IncidentRecords implements FactPart {
  private readonly byId = new Map<string, IncidentRecord>();
  private readonly byGroup = new Map<string, IncidentGroup>();

  constructor(private readonly revisions: FactRevisions) {}

  get groups(): Iterable<IncidentGroup> {
    return this.byGroup.values();
  }

  put(incident: IncidentRecord): void {
    this.remove(incident.id);
    this.byId.set(incident.id, incident);
    const key = groupKey(incident);
    const { origin, account, repository, service } = incident;
    const group = this.byGroup.get(key) ?? { origin, account, repository, service, records: new Map() };
    group.records.set(incident.id, incident);
    this.byGroup.set(key, group);
    this.revisions.incidentsChangedAt = this.revisions.current;
  }

  remove(id: string): void {
    const known = this.byId.get(id);
    if (known) {
      this.byGroup.get(groupKey(known))!.records.delete(id);
      this.byId.delete(id);
      this.revisions.incidentsChangedAt = this.revisions.current;
    }
  }

  readonly columns = {};
  readonly lists = { all: { entries: (): Iterable<unknown> => this.byId.values(), add: (entry: unknown): void => this.put(entry as IncidentRecord) } };
}
