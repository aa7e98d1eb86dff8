import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json';

/** The head of a chain without entries. */
export const FIRST_HEAD = Buffer.alloc(32);

/** The prefixes tell the hash of an entry from that of two hashes, as in RFC 6962. */
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** What the signature of a seal is over, after this prefix: no other signature of the key can be taken for one. */
const SEAL_PREFIX = 'tracevault seal v1\n';

/** What a seal says: the entries from the first to the last, in this order, lead from one head to the other. */
export interface SealFacts {
  /** The id of the organization whose chain it is, or that of the chain of what belongs to none. */
  readonly chain: string;
  /** The numbers of the entries, from 1. */
  readonly first: number;
  readonly last: number;
  /** The heads as hexadecimal digits. */
  readonly previous_head: string;
  readonly head: string;
  /** ISO 8601, UTC, in milliseconds. */
  readonly sealed_at: string;
  /** The id of the key that has signed it. */
  readonly key: string;
}

/** Returns the text of what an entry is about: so that its kind, id and time count also where its record is not there. */
export function subjectText(kind: string, id: string, at: string): string {
  return canonicalJson({ kind, id, at });
}

/** Returns the hash of a record. */
export function digestOf(record: string): Buffer {
  return createHash('sha256').update(record).digest();
}

/** Returns the hash of an entry. @param subject its text, which holds no line break. */
export function leafOf(subject: string, recordSha256: Buffer): Buffer {
  return createHash('sha256').update(LEAF).update(subject).update('\n').update(recordSha256).digest();
}

/** Returns the head of a chain after one more entry. */
export function nextHead(head: Buffer, leaf: Buffer): Buffer {
  return createHash('sha256').update(NODE).update(head).update(leaf).digest();
}

/** Returns the text of a seal, as exports hold it. */
export function sealText({ chain, first, last, previous_head, head, sealed_at, key }: SealFacts): string {
  return canonicalJson({ chain, first, last, previous_head, head, sealed_at, key });
}

/** Returns the bytes that a seal's signature is over. */
export function signedBytes(text: string): Buffer {
  return Buffer.from(SEAL_PREFIX + text);
}
