import { leafOf, SealFacts } from './hash-chain';
import { SealEntity } from './seal.entity';
import { keyOf } from './sealed-records';
import { SealedStretch } from './sealed-stretches';

/** A line of an export about an entry. */
export interface EntryLine {
  readonly type: 'entry';
  readonly chain: string;
  readonly seq: number;
  /** The hash of the entry, as hexadecimal digits. */
  readonly leaf: string;
  /** The kind, id and time of the call or event, as canonical JSON; null if it is not the reader's. */
  readonly subject: string | null;
  /** The SHA-256 of what was recorded; null if it is not the reader's. */
  readonly record_sha256: string | null;
  /** What was recorded, as canonical JSON; null if it is not kept any more, has changed since, or is not the reader's. */
  readonly record: string | null;
}

/** A line of an export about a seal, behind those of its entries. */
export interface SealLine {
  readonly type: 'seal';
  /** What the seal says, as canonical JSON. */
  readonly text: string;
  /** The Ed25519 signature, in base64. */
  readonly signature: string;
}

/** Returns the lines of the entries of a seal, and then its own. */
export function linesOf({ seal, text, entries }: SealedStretch): (EntryLine | SealLine)[] {
  const lines = entries.map((entry): EntryLine => {
    const { seq, recordSha256, record = null } = entry;
    const subject = keyOf(entry);
    const leaf = leafOf(subject, recordSha256).toString('hex');
    const line = { type: 'entry', chain: seal.chainId, seq, leaf } as const;
    if (!entry.isAsked) return { ...line, subject: null, record_sha256: null, record: null };
    return { ...line, subject, record_sha256: recordSha256.toString('hex'), record };
  });
  return [...lines, sealLine(seal, text)];
}

/** Returns lines as an export holds them. */
export function textOf(lines: readonly (EntryLine | SealLine)[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Returns the line of a seal. */
export function sealLine({ signature }: SealEntity, text: string): SealLine {
  return { type: 'seal', text, signature: signature.toString('base64') };
}

/** Reads a line of an export, or what the API says of the last seal; returns undefined for anything else. */
export function lineIn(text: string): EntryLine | SealLine | undefined {
  const value = parsed(text);
  const { last: line = value } = Object(value) as { last?: unknown };
  return isEntry(line) || isSeal(line) ? line : undefined;
}

function isEntry(value: unknown): value is EntryLine {
  const { type, chain, seq, leaf, ...line } = Object(value) as Partial<EntryLine>;
  const { subject, record_sha256: digest, record } = line;
  const isText = (field: unknown): boolean => field === null || typeof field === 'string';
  return (
    type === 'entry' &&
    typeof chain === 'string' &&
    Number.isSafeInteger(seq) &&
    isDigest(leaf) &&
    isText(subject) &&
    isText(record) &&
    (digest === null || isDigest(digest)) &&
    (subject === null) === (digest === null)
  );
}

function isSeal(value: unknown): value is SealLine {
  const { type, text, signature } = Object(value) as Partial<SealLine>;
  if (type !== 'seal' || typeof text !== 'string' || typeof signature !== 'string') return false;
  const facts = Object(parsed(text)) as Partial<SealFacts>;
  return (
    [facts.chain, facts.key, facts.sealed_at].every((field) => typeof field === 'string') &&
    [facts.first, facts.last].every(Number.isSafeInteger) &&
    [facts.previous_head, facts.head].every(isDigest)
  );
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && /^[\da-f]{64}$/.test(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
