import { Finding, SecretKind } from './secret-kinds';

/** What stands for a body that can't be looked into, and so may hold any secret. */
export const UNREADABLE_MARK = Buffer.from('[redacted:unreadable]');

/** Returns what stands for a secret. It is the same within a string of JSON as in any other text. */
function markOf(kind: SecretKind): string {
  return `[redacted:${kind}]`;
}

/** Returns bytes with a mark in the place of each secret. @param findings in any order; those that overlap get one mark. */
export function redacted(bytes: Buffer, findings: readonly Finding[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const { kind, start, end, isRest = false } of joined(findings)) {
    parts.push(bytes.subarray(at, start), Buffer.from(isRest ? '' : markOf(kind)));
    at = end;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

function joined(findings: readonly Finding[]): Finding[] {
  const inOrder = [...findings].sort((one, other) => one.start - other.start || other.end - one.end);
  const apart: Finding[] = [];
  for (const finding of inOrder) {
    const last = apart.at(-1);
    if (last === undefined || finding.start >= last.end) apart.push(finding);
    else if (finding.end > last.end) apart[apart.length - 1] = { ...last, end: finding.end };
  }
  return apart;
}
