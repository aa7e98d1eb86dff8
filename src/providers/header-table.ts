import { PassingHeaders } from './provider';

/** A row's list of headers in a form that is fast to look up for each header of each request. */
export class HeaderTable {
  private readonly names: ReadonlySet<string>;
  private readonly families: readonly string[];

  /** @param withheld the names of headers that never pass, even if the lists contain them. */
  constructor(
    { names, families }: PassingHeaders,
    private readonly withheld: ReadonlySet<string>,
  ) {
    this.names = new Set(names.filter((name) => !withheld.has(name)));
    this.families = families;
  }

  /**
   * Tells whether a header passes.
   * @param name the header's name in lower case.
   */
  passes(name: string): boolean {
    if (this.names.has(name)) return true;
    for (const family of this.families) if (name.startsWith(family)) return !this.withheld.has(name);
    return false;
  }
}
