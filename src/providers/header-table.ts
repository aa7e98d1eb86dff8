import { PassingHeaders } from './provider';

/** A row's list of headers, made ready to be asked for each header of each request. */
export class HeaderTable {
  private readonly names: ReadonlySet<string>;
  private readonly families: readonly string[];

  /** @param withheld names that do not pass, whatever the lists say. */
  constructor(
    { names, families }: PassingHeaders,
    private readonly withheld: ReadonlySet<string>,
  ) {
    this.names = new Set(names.filter((name) => !withheld.has(name)));
    this.families = families;
  }

  /** Whether a header passes. @param name in lower case. */
  passes(name: string): boolean {
    if (this.names.has(name)) return true;
    for (const family of this.families) if (name.startsWith(family)) return !this.withheld.has(name);
    return false;
  }
}
