/** Counts what was applied; tells which parts of the facts changed when. A revision is of this engine, not of the store. */
export class FactRevisions {
  current = 0;
  /** Revision at which repositories, record groups or their names last came, went or changed. */
  outlineChangedAt = 0;
  incidentsChangedAt = 0;
  coverageChangedAt = 0;

  outlineChanged(): void {
    this.outlineChangedAt = this.current;
  }
}
