/** A page of the names of objects, as S3 lists them (ListObjectsV2). */
export interface Listing {
  readonly keys: readonly string[];
  /** Where the next page begins; undefined if there is none. */
  readonly next: string | undefined;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/**
 * Reads a page. It takes the names that packs can have: what else lies in a bucket, or a store makes up, is left out.
 * @param prefix what all names begin with.
 */
export function readListing(xml: string, prefix: string): Listing {
  const keys = [...xml.matchAll(/<Key>([\w./-]+)<\/Key>/g)].map(([, key = '']) => key);
  const isTruncated = /<IsTruncated>\s*true\s*<\/IsTruncated>/.test(xml);
  const token = /<NextContinuationToken>([^<]+)<\/NextContinuationToken>/.exec(xml)?.[1];
  return {
    keys: keys.filter((key) => key.startsWith(prefix)),
    next: isTruncated && token !== undefined ? unescaped(token) : undefined,
  };
}

function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (all, name: string) => ENTITIES[name] ?? all);
}
