import { setImmediate as nextTurn } from 'node:timers/promises';
import { findSecrets } from './secret-finder';
import { Finding } from './secret-kinds';

/** The names under which events say a piece of what is written: in Messages, Chat Completions, Responses and `generateContent`. */
const PIECES =
  /"(text|thinking|partial_json|content|refusal|reasoning_content|reasoning|arguments|input|delta)"\s*:\s*"((?:[^"\\]|\\.)*)"/g;
/** The numbers that say of which block, choice or call it is a piece. */
const INDEX = /"(?:output_|content_|summary_)?index"\s*:\s*(\d+)/g;
const DATA = 'data:';
/** Longer events are no pieces: what they say stands whole in them. */
const MAX_EVENT = 64 * 1024;
/** The number of characters that are looked through at once: others go in between. */
const SLICE = 64 * 1024;
/** The maximum number of texts that are written piece by piece in one stream. */
const MAX_TEXTS = 1_000;

/** A text as its pieces, which are positions in the stream. */
interface PiecedText {
  readonly pieces: { readonly start: number; readonly end: number }[];
}

/**
 * Finds secrets that a stream of events says piece by piece: in each text as it is put together from its pieces. What stands whole
 * in an event is found as well.
 */
export async function findStreamed(stream: Buffer): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { pieces } of await textsIn(stream.toString('latin1'))) {
    if (pieces.length === 1) continue;
    const text = Buffer.concat(pieces.map(({ start, end }) => stream.subarray(start, end)));
    findings.push(...inStream(await findSecrets(text), pieces));
  }
  return findings;
}

async function textsIn(stream: string): Promise<Iterable<PiecedText>> {
  const texts = new Map<string, PiecedText>();
  let [at, rested] = [0, 0];
  while (at < stream.length) {
    if (at - rested > SLICE) {
      await nextTurn();
      rested = at;
    }
    const lineBreak = stream.indexOf('\n', at);
    const end = lineBreak < 0 ? stream.length : lineBreak;
    if (end - at <= MAX_EVENT && stream.startsWith(DATA, at)) addPieces(texts, stream.slice(at, end), at);
    at = end + 1;
  }
  return texts.values();
}

function addPieces(texts: Map<string, PiecedText>, event: string, offset: number): void {
  const index = Array.from(event.matchAll(INDEX), ([, digits]) => digits).join();
  for (const { index: at, 0: member, 1: name, 2: piece = '' } of event.matchAll(PIECES)) {
    const key = `${name ?? ''} ${index}`;
    const text = texts.get(key) ?? { pieces: [] };
    if (!texts.has(key) && texts.size === MAX_TEXTS) continue;
    texts.set(key, text);
    const end = offset + at + member.length - 1;
    text.pieces.push({ start: end - piece.length, end });
  }
}

/** Returns the places in the stream of what was found in a text: the first piece of a secret gets its mark. */
function inStream(findings: readonly Finding[], pieces: PiecedText['pieces']): Finding[] {
  const placed: Finding[] = [];
  let [next, passed] = [0, 0];
  for (const { kind, start, end } of findings) {
    let isRest = false;
    for (;;) {
      const piece = pieces[next];
      if (piece === undefined || passed >= end) break;
      const length = piece.end - piece.start;
      const from = Math.max(start - passed, 0);
      const to = Math.min(end - passed, length);
      if (from < to) {
        placed.push({ kind, start: piece.start + from, end: piece.start + to, isRest });
        isRest = true;
      }
      if (end - passed < length) break; // the next secret may be in the rest of this piece
      passed += length;
      next += 1;
    }
  }
  return placed;
}
