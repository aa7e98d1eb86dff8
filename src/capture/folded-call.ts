import { fold } from './folded-body';
import { KeptBody, LookedThrough } from './looked-through';
import { PieceCipher } from './piece-cipher';
import { BODY_PARTS, BodyPart } from './trace-body.entity';
import { BodyRow } from './trace-contents.repository';

/** The bodies of a call, and the pieces that they are made of, by their hexadecimal ids. */
interface FoldedCall {
  readonly bodies: readonly BodyRow[];
  readonly pieces: ReadonlyMap<string, Buffer>;
}

/** Cuts the bodies of a call into pieces. */
export async function foldedCall(
  { id: callId, bodies }: LookedThrough['call'],
  cipher: PieceCipher,
): Promise<FoldedCall> {
  const pieces = new Map<string, Buffer>();
  const rows: BodyRow[] = [];
  for (const part of BODY_PARTS) {
    const { state, bytes } = bodies[part];
    const folded = state === 'kept' ? fold(bytes, cipher.idOf) : undefined;
    for (const [id, piece] of folded?.pieces ?? []) pieces.set(id, piece);
    const root = folded === undefined ? null : await cipher.sealRoot(`${callId} ${part}`, folded.root);
    rows.push({ ...aboutBody(part, bodies[part]), state, pieces: root });
  }
  return { bodies: rows, pieces };
}

/** Returns the part of a body's row that does not say what became of it. */
export function aboutBody(part: BodyPart, body: KeptBody) {
  const { sha256, keptSha256, length, contentType, contentEncoding } = body;
  return { part, sha256, keptSha256, bytes: length, contentType, contentEncoding };
}

/** Returns the row of a body whose pieces found no room. */
export function dropped(row: BodyRow): BodyRow {
  return row.state === 'kept' ? { ...row, state: 'dropped', pieces: null } : row;
}
